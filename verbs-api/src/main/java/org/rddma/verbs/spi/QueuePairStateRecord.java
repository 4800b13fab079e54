package org.rddma.verbs.spi;

import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.internal.jfr.QueuePairStateEvent;

/**
 * For providers, to tell the flight recorder that the state of a queue pair has changed: the event {@code
 * rddma.QueuePairState}. Waits, failed verbs and asynchronous events are recorded by the classes of this package. Safe for
 * use by several threads.
 */
public final class QueuePairStateRecord {
    /** Why a state changes: a program asked for it. */
    public static final String MODIFY = "modify";

    /** Why a state changes: the queue pair is closed. */
    public static final String CLOSE = "close";

    /** Why a state changes: a completion found no room. */
    public static final String OVERRUN = "a completion queue was overrun";

    /** Why a state changes: a peer asked for what it may not have, or for memory that is gone. */
    public static final String PEER = "a request of the peer could not be carried out";

    /** Why a state changes: a peer wrote into a receive, and that did not end well. */
    public static final String RECEIVE = "a receive failed";

    /** Why a state changes: the device is gone, or what is below it. */
    public static final String DEVICE = "the device failed";

    private QueuePairStateRecord() {}

    /**
     * Records a change where a recording wants it; costs next to nothing otherwise. Does nothing where both states are the
     * same. Takes no lock.
     *
     * @param number of the queue pair
     * @param queuePair the queue pair; asked for its text only when that is recorded
     * @param from its state before
     * @param to its state now
     * @param why what brought it there: a constant of this class, or the name of the status of the work request that failed
     */
    public static void changed(int number, Object queuePair, QueuePairState from, QueuePairState to, String why) {
        QueuePairStateEvent.record(number, queuePair, from, to, why);
    }
}
