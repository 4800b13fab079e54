package org.rddma.verbs.app;

import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;

/**
 * Where a queue pair can be reached; immutable, and its methods are safe for use by several threads: what two
 * programs tell each other before they connect, and the usual way to connect.
 *
 * @param gid of its port
 * @param queuePair its number
 * @param psn the first packet sequence number that it sends
 */
public record Endpoint(Gid gid, int queuePair, int psn) {
    /** The Q_Key that {@link #activate} gives to datagram queue pairs. */
    public static final int QKEY = 0x1111_1111;

    private static final int REMOTE_RIGHTS =
            AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    private static final int HOP_LIMIT = 64;

    private static final int FLUSHES = AccessFlags.FLUSH_GLOBAL | AccessFlags.FLUSH_PERSISTENT;

    /**
     * The endpoint of a queue pair on port 1, GID 0, with a sequence number made from its own number.
     *
     * @param queuePair any
     * @return where it can be reached
     * @throws VerbsException EINVAL when it is null; EBADF when its context is closed
     */
    public static Endpoint of(QueuePair queuePair) {
        if (queuePair == null) {
            throw new VerbsException("Endpoint", Errno.EINVAL, "the queue pair is null");
        }
        return of(queuePair, 1, 0);
    }

    static Endpoint of(QueuePair queuePair, int port, int gidIndex) {
        Context context = queuePair.protectionDomain().context();
        return new Endpoint(
                context.queryGid(port, gidIndex), queuePair.number(), queuePair.number() * 0x9E37 & 0xFFFFFF);
    }

    /**
     * Connects two queue pairs of this process to each other, in both directions. They may be the same.
     *
     * @param a RC, UC or XRC_SEND, in state RESET
     * @param b of the same type, or XRC_RECV, in state RESET
     * @throws VerbsException as {@link QueuePair#modify}; EINVAL when one is null
     */
    public static void connect(QueuePair a, QueuePair b) {
        of(b).connect(a);
        if (a != b) {
            of(a).connect(b);
        }
    }

    /**
     * Connects a queue pair to this endpoint, in one direction: RESET to INIT to RTR to RTS with all remote rights, the
     * port's active MTU, timeout 14 (67 ms), 7 retries, endless RNR retries of 0.64 ms, and as many reads as the
     * device can.
     *
     * @param queuePair RC, UC or one of the XRC types, in state RESET
     * @throws VerbsException as {@link QueuePair#modify}; EINVAL when it is null
     */
    public void connect(QueuePair queuePair) {
        Endpoint own = of(queuePair);
        Context context = queuePair.protectionDomain().context();
        DeviceLimits limits = context.device().attributes().limits();
        connect(
                queuePair,
                own.psn(),
                new ConnectionTerms(
                        1,
                        0,
                        context.queryPort(1).activeMtu(),
                        limits.maxQueuePairInitiatedReadAtomics(),
                        limits.maxQueuePairReadAtomics()));
    }

    /** From RESET, or from INIT on, where receives can have been posted already. */
    void connect(QueuePair queuePair, int ownPsn, ConnectionTerms terms) {
        QueuePairType type = queuePair.type();
        boolean initiator = type == QueuePairType.RC || type == QueuePairType.XRC_SEND;
        boolean target = type == QueuePairType.RC || type == QueuePairType.XRC_RECV;
        boolean flushes =
                queuePair.protectionDomain().context().device().attributes().has(Capability.FLUSH);
        int rights = flushes ? REMOTE_RIGHTS | FLUSHES : REMOTE_RIGHTS;
        if (queuePair.state() != QueuePairState.INIT) {
            queuePair.modify(new QueuePairAttributes()
                    .state(QueuePairState.INIT)
                    .pkeyIndex(0)
                    .port(terms.port())
                    .accessFlags(rights));
        }
        QueuePairAttributes toReceive = new QueuePairAttributes()
                .state(QueuePairState.RTR)
                .addressVector(new AddressVector(gid, terms.gidIndex(), HOP_LIMIT, 0, 0, 0, terms.port()))
                .pathMtu(terms.mtu())
                .destinationQueuePair(this.queuePair)
                .rqPsn(psn);
        QueuePairAttributes toSend =
                new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(ownPsn);
        if (target) {
            toReceive.maxDestReadAtomic(terms.maxDestReadAtomic()).minRnrTimer(12);
        }
        if (initiator || target) {
            toSend.timeout(14);
        }
        if (initiator) {
            toSend.retryCount(7).rnrRetry(7).maxReadAtomic(terms.maxReadAtomic());
        }
        queuePair.modify(toReceive);
        queuePair.modify(toSend);
    }

    /**
     * Makes a datagram queue pair ready to send and receive, with {@link #QKEY}.
     *
     * @param queuePair UD, in state RESET
     * @throws VerbsException as {@link QueuePair#modify}; EINVAL when it is null
     */
    public static void activate(QueuePair queuePair) {
        Endpoint own = of(queuePair);
        activate(queuePair, own.psn(), 1);
    }

    /** From RESET, or from INIT on, where receives can have been posted already. */
    static void activate(QueuePair queuePair, int ownPsn, int port) {
        if (queuePair.state() != QueuePairState.INIT) {
            queuePair.modify(new QueuePairAttributes()
                    .state(QueuePairState.INIT)
                    .pkeyIndex(0)
                    .port(port)
                    .qkey(QKEY));
        }
        queuePair.modify(new QueuePairAttributes().state(QueuePairState.RTR));
        queuePair.modify(new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(ownPsn));
    }
}
