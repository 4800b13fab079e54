package org.rddma.softdev.engine;

import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.CacheLinePadded;

/**
 * One message on its way from a requester to a responder, with everything that a packet would carry: nothing in it
 * assumes that the two share memory, but for the payload and the place for the response, which a link may move as it
 * likes. Reused.
 */
public final class Request extends CacheLinePadded {
    private static final int MULTICAST_QUEUE_PAIR = 0xFFFFFF;

    /** Which type of queue pair it is for. */
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

    /** Of a connection: how many bits of a length are the bytes of one packet. */
    int mtuShift;

    long remoteAddress;
    int remoteKey;

    /** On an extended reliable connection, whose receive it takes. */
    int sharedReceiveQueue;

    long compareAdd;
    long swap;
    int trafficClass;
    int flowLabel;
    int hopLimit;
    int serviceLevel;

    /** Whether the requester would send it again after a receiver-not-ready response, and after none at all. */
    boolean mayBeRefused;

    boolean mayBeLost;

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

    /**
     * By what service it goes.
     *
     * @return type of both queue pairs
     */
    public QueuePairType transport() {
        return transport;
    }

    /**
     * Whether it is answered.
     *
     * @return true on reliable connections
     */
    public boolean isReliable() {
        return transport == QueuePairType.RC || transport == QueuePairType.XRC_RECV;
    }

    /**
     * Whether it takes a receive at the peer.
     *
     * @return true for sends and writes with immediate
     */
    public boolean takesReceive() {
        return opcode == WorkRequestOpcode.SEND.value()
                || opcode == WorkRequestOpcode.SEND_WITH_IMM.value()
                || opcode == WorkRequestOpcode.SEND_WITH_INV.value()
                || opcode == WorkRequestOpcode.RDMA_WRITE_WITH_IMM.value();
    }

    /**
     * Whether the requester has a retry left for a receiver that is not ready.
     *
     * @return false where that response would be the end
     */
    public boolean mayBeRefused() {
        return mayBeRefused;
    }

    /**
     * Whether the requester would send it again if no response came.
     *
     * @return false where that would be the end
     */
    public boolean mayBeLost() {
        return mayBeLost;
    }

    /**
     * Answers that the receiver is not ready.
     *
     * @param timer how long to wait: a code of the InfiniBand table
     */
    public void rnrTimer(int timer) {
        rnrTimer = timer;
    }

    /**
     * The old value that an atomic found.
     *
     * @return 64 bits
     */
    public long atomicResult() {
        return atomicResult;
    }

    /**
     * Answers an atomic.
     *
     * @param value the old value
     */
    public void atomicResult(long value) {
        atomicResult = value;
    }
}
