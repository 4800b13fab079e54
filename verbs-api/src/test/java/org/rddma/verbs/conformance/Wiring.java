package org.rddma.verbs.conformance;

import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;

/** Takes queue pairs through their states, step by step, with every attribute of the connection at hand. */
public final class Wiring {
    static final int QKEY = 0x00C0_FFEE;
    static final int PSN = 0x123456;

    private static volatile int usualTimeout = 8;
    private static volatile int usualRetries = 2;

    private int timeout = usualTimeout;
    private int retries = usualRetries;
    private int rnrRetries = 7;
    private int minRnrTimer = 1; // 10 microseconds
    private int access = AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;
    private Mtu mtu = Mtu.MTU_1024;

    /**
     * The device's usual retries, two of a millisecond unless it says otherwise; endless RNR retries of 10 microseconds, all
     * remote rights, an MTU of 1024.
     */
    public Wiring() {}

    /** What is usual from now on: for each test, before it connects anything. */
    static void usual(DeviceUnderTest device) {
        usualTimeout = device.answerTimeout();
        usualRetries = device.answerRetries();
    }

    /** How long to wait for an answer. */
    public Wiring timeout(int code, int count) {
        timeout = code;
        retries = count;
        return this;
    }

    /** How often to try again when the peer has no receive. */
    public Wiring rnrRetries(int count) {
        rnrRetries = count;
        return this;
    }

    /** How long the peer is to wait when there is no receive here. */
    public Wiring minRnrTimer(int code) {
        minRnrTimer = code;
        return this;
    }

    /** What the peer may do. */
    public Wiring access(int flags) {
        access = flags;
        return this;
    }

    /** Payload of a packet. */
    public Wiring mtu(Mtu value) {
        mtu = value;
        return this;
    }

    /** Connects two ends, or one with itself. */
    public void connect(End a, End b) {
        connect(a.pair, b.pair);
    }

    /** Connects two queue pairs, or one with itself. */
    public void connect(QueuePair a, QueuePair b) {
        toInit(a);
        toReceive(a, gidOf(b), b.number());
        toSend(a);
        if (a != b) {
            toInit(b);
            toReceive(b, gidOf(a), a.number());
            toSend(b);
        }
    }

    /** Takes a queue pair from RESET to INIT. */
    public void toInit(QueuePair pair) {
        pair.modify(initOf(pair.type()));
    }

    /** Takes a queue pair from INIT to RTR. */
    public void toReceive(QueuePair pair, Gid peer, int peerNumber) {
        pair.modify(receiveOf(pair.type(), peer, peerNumber));
    }

    /** Takes a queue pair from RTR to RTS. */
    public void toSend(QueuePair pair) {
        pair.modify(sendOf(pair.type()));
    }

    /** Makes a datagram queue pair ready. */
    public void activate(QueuePair pair) {
        toInit(pair);
        toReceive(pair, null, 0);
        toSend(pair);
    }

    QueuePairAttributes initOf(QueuePairType type) {
        QueuePairAttributes attributes = new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(1);
        return type == QueuePairType.UD ? attributes.qkey(QKEY) : attributes.accessFlags(access);
    }

    QueuePairAttributes receiveOf(QueuePairType type, Gid peer, int peerNumber) {
        QueuePairAttributes attributes = new QueuePairAttributes().state(QueuePairState.RTR);
        if (type != QueuePairType.UD) {
            attributes
                    .addressVector(AddressVector.to(peer))
                    .pathMtu(mtu)
                    .destinationQueuePair(peerNumber)
                    .rqPsn(PSN);
        }
        return type == QueuePairType.RC ? attributes.maxDestReadAtomic(4).minRnrTimer(minRnrTimer) : attributes;
    }

    QueuePairAttributes sendOf(QueuePairType type) {
        QueuePairAttributes attributes =
                new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(PSN);
        return type == QueuePairType.RC
                ? attributes
                        .timeout(timeout)
                        .retryCount(retries)
                        .rnrRetry(rnrRetries)
                        .maxReadAtomic(4)
                : attributes;
    }

    /** The GID that a queue pair is reached by. */
    public static Gid gidOf(QueuePair pair) {
        return gidOf(pair.protectionDomain().context());
    }

    /** The GID that the queue pairs of a context are reached by. */
    public static Gid gidOf(Context context) {
        return context.queryGid(1, 0);
    }
}
