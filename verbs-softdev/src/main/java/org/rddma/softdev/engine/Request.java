package org.rddma.softdev.engine;

import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.internal.ring.CacheLinePadded;

/**
 * One message on its way from a requester to a responder, with everything that a packet would carry: nothing in it
 * assumes that the two share memory, but for the payload and the place for the response, which a link may move as it
 * likes. Reused.
 */
public final class Request extends CacheLinePadded {
    private static final int MULTICAST_QUEUE_PAIR = 0xFFFFFF;

    QueuePairType transport;
    int opcode;
    boolean solicited;
    int immediate;
    int sourceQueuePair;
    long sourceGidHigh;
    long sourceGidLow;
    int destinationQueuePair;
    long destinationGidHigh;
    long destinationGidLow;
    int qkey;
    int psn;
    int packets;
    long remoteAddress;
    int remoteKey;
    long compareAdd;
    long swap;
    int trafficClass;
    int flowLabel;
    int hopLimit;
    int serviceLevel;

    /** What is sent; of a read, where the response goes. */
    final Segments payload;

    /** Of an atomic, the old value. */
    long atomicResult;

    /** Of a receiver-not-ready response, how long to wait: a code of the InfiniBand table. */
    int rnrTimer;

    Request(int maxElements) {
        payload = new Segments(maxElements);
    }

    /**
     * Whether it goes to all members of a group (a datagram to the queue pair number that means so).
     *
     * @return true when its destination is a group
     */
    public boolean isMulticast() {
        return transport == QueuePairType.UD
                && destinationQueuePair == MULTICAST_QUEUE_PAIR
                && destinationGidHigh >>> 56 == 0xFF;
    }

    /**
     * Where it goes.
     *
     * @return first half of the GID
     */
    public long destinationGidHigh() {
        return destinationGidHigh;
    }

    /**
     * Where it goes.
     *
     * @return second half of the GID
     */
    public long destinationGidLow() {
        return destinationGidLow;
    }

    /**
     * Where it goes.
     *
     * @return queue pair number
     */
    public int destinationQueuePair() {
        return destinationQueuePair;
    }
}
