package org.rddma.verbs.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.rddma.verbs.QueuePairState;

/** A queue pair has another state. */
@Name("rddma.QueuePairState")
@Label("Queue Pair State")
@Category("RDMA verbs")
@Description("A queue pair went from one state to another; with ERR begins the flush of its queues")
@Enabled(false)
public final class QueuePairStateEvent extends Event {
    /** Asked whether anybody records, as {@link WaitEvent} does it. */
    private static final QueuePairStateEvent PROBE = new QueuePairStateEvent(0, "", "", "", "");

    @Label("Number")
    @Description("Number of the queue pair, by which its peers name it")
    final int number;

    @Label("Queue Pair")
    @Description("The queue pair and its device")
    final String queuePair;

    @Label("From")
    @Description("Its state before")
    final String from;

    @Label("To")
    @Description("Its state now")
    final String to;

    @Label("Why")
    @Description("The verb that asked for it, or the failure; of a work request, the status of its completion")
    final String why;

    private QueuePairStateEvent(int number, String queuePair, String from, String to, String why) {
        this.number = number;
        this.queuePair = queuePair;
        this.from = from;
        this.to = to;
        this.why = why;
    }

    /**
     * A queue pair has changed its state. Does nothing where both states are the same.
     *
     * @param number its number
     * @param queuePair the queue pair; asked for its text only when that is recorded
     * @param from its state before
     * @param to its state now
     * @param why what brought it there
     */
    public static void record(int number, Object queuePair, QueuePairState from, QueuePairState to, String why) {
        if (PROBE.isEnabled() && from != to) {
            new QueuePairStateEvent(number, String.valueOf(queuePair), from.name(), to.name(), why).commit();
        }
    }
}
