package org.rddma.verbs.spi;

import static org.rddma.verbs.QueuePairAttributes.*;

import java.util.Set;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendOperations;
import org.rddma.verbs.VerbsException;

/**
 * What {@code modifyQueuePair} and {@code createQueuePair} accept, for every provider: the transitions, the
 * attributes that each requires and allows, and their ranges (man ibv_modify_qp and the kernel's table behind it).
 */
public final class QueuePairRules {
    private static final String VERB = "modify";
    private static final int REMOTE_RIGHTS = AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.LOCAL_WRITE
            | AccessFlags.FLUSH_GLOBAL
            | AccessFlags.FLUSH_PERSISTENT;
    private static final int NOT_AN_EDGE = -1;

    private static final int UD_OPERATIONS = SendOperations.SEND | SendOperations.SEND_WITH_IMM;
    private static final int UC_OPERATIONS = UD_OPERATIONS
            | SendOperations.RDMA_WRITE
            | SendOperations.RDMA_WRITE_WITH_IMM
            | SendOperations.LOCAL_INV
            | SendOperations.BIND_MW;
    private static final int RC_OPERATIONS = UC_OPERATIONS
            | SendOperations.RDMA_READ
            | SendOperations.ATOMIC_CMP_AND_SWP
            | SendOperations.ATOMIC_FETCH_AND_ADD
            | SendOperations.SEND_WITH_INV
            | SendOperations.FLUSH
            | SendOperations.ATOMIC_WRITE;

    private QueuePairRules() {}

    /**
     * Checks a modification against the table and the ranges; changes nothing.
     *
     * @param type of the queue pair
     * @param actual its state
     * @param attributes what is asked for
     * @param limits of the device
     * @return the state to go to
     * @throws VerbsException EINVAL, naming the attribute and the transition
     */
    public static QueuePairState checkModify(
            QueuePairType type, QueuePairState actual, QueuePairAttributes attributes, DeviceLimits limits) {
        QueuePairState from = actual;
        if (attributes.has(CURRENT_STATE)) {
            from = attributes.currentState();
            if (from != QueuePairState.RTR
                    && from != QueuePairState.RTS
                    && from != QueuePairState.SQD
                    && from != QueuePairState.SQE) {
                throw invalid("currentState may be RTR, RTS, SQD or SQE, not " + from);
            }
            if (from != actual) {
                throw invalid("currentState is " + from + ", but the queue pair is in " + actual);
            }
        }
        QueuePairState to = attributes.has(STATE) ? attributes.state() : from;
        if (to == null) {
            throw invalid("the state is null");
        }
        int required = required(type, from, to);
        if (required == NOT_AN_EDGE) {
            throw invalid("there is no transition from " + from + " to " + to + " for " + type);
        }
        int mask = attributes.mask() & ~STATE;
        int missing = required & ~mask;
        if (missing != 0) {
            throw invalid("from " + from + " to " + to + " needs " + names(missing));
        }
        int surplus = mask & ~(required | optional(type, from, to));
        if (surplus != 0) {
            throw invalid("from " + from + " to " + to + " does not allow " + names(surplus));
        }
        checkRanges(attributes, limits);
        return to;
    }

    /**
     * Checks the type and the sizes of a queue pair to be created.
     *
     * @param attributes what is asked for
     * @param limits of the device
     * @param capabilities of the device
     * @return the sizes
     * @throws VerbsException EINVAL, naming the size and its limit; EOPNOTSUPP for a type that the device does not
     *     have, and for inline data
     */
    public static QueuePairCapabilities checkCreate(
            QueuePairInitAttributes attributes, DeviceLimits limits, Set<Capability> capabilities) {
        switch (attributes.type()) {
            case UC -> require(capabilities, Capability.UNRELIABLE_CONNECTION);
            case UD -> require(capabilities, Capability.DATAGRAM);
            case XRC_SEND, XRC_RECV -> require(capabilities, Capability.XRC);
            default -> {} // every device has RC
        }
        QueuePairCapabilities sizes = attributes.capabilities();
        checkSize("maxSendRequests", sizes.maxSendRequests(), limits.maxQueuePairWorkRequests());
        checkSize("maxReceiveRequests", sizes.maxReceiveRequests(), limits.maxQueuePairWorkRequests());
        checkSize("maxSendElements", sizes.maxSendElements(), limits.maxScatterGatherElements());
        checkSize("maxReceiveElements", sizes.maxReceiveElements(), limits.maxScatterGatherElements());
        checkSize("maxInlineData", sizes.maxInlineData(), limits.maxInlineData());
        if (sizes.maxInlineData() > 0) {
            require(capabilities, Capability.INLINE);
        }
        return sizes;
    }

    /**
     * Checks which operations a builder is to be asked for.
     *
     * @param type of the queue pair
     * @param operations bits of {@link SendOperations}
     * @throws VerbsException EOPNOTSUPP when the type cannot do one of them
     */
    public static void checkOperations(QueuePairType type, int operations) {
        int possible = switch (type) {
            case RC, XRC_SEND -> RC_OPERATIONS;
            case UC -> UC_OPERATIONS;
            case UD -> UD_OPERATIONS;
            default -> 0;
        };
        if ((operations & ~possible) != 0) {
            throw new VerbsException(
                    "createQueuePair",
                    Errno.EOPNOTSUPP,
                    "sendOperations is 0x" + Integer.toHexString(operations) + ": a " + type + " queue pair can do 0x"
                            + Integer.toHexString(possible));
        }
    }

    private static void require(Set<Capability> capabilities, Capability needed) {
        if (!capabilities.contains(needed)) {
            throw VerbsException.unsupported("createQueuePair", needed);
        }
    }

    private static void checkSize(String name, int value, int limit) {
        if (value < 0 || value > limit) {
            throw new VerbsException(
                    "createQueuePair", Errno.EINVAL, name + " is " + value + ": the device allows 0 to " + limit);
        }
    }

    private static boolean isConnected(QueuePairType type) {
        return type != QueuePairType.UD;
    }

    /** Whether it sends what is acknowledged. */
    private static boolean isInitiator(QueuePairType type) {
        return type == QueuePairType.RC || type == QueuePairType.XRC_SEND;
    }

    /** Whether it acknowledges what it receives. */
    private static boolean isTarget(QueuePairType type) {
        return type == QueuePairType.RC || type == QueuePairType.XRC_RECV;
    }

    private static int required(QueuePairType type, QueuePairState from, QueuePairState to) {
        return switch (to) {
            case RESET -> 0;
            case ERR -> from == QueuePairState.RESET ? NOT_AN_EDGE : 0;
            case INIT ->
                switch (from) {
                    case RESET -> PKEY_INDEX | PORT | (isConnected(type) ? ACCESS_FLAGS : QKEY);
                    case INIT -> 0;
                    default -> NOT_AN_EDGE;
                };
            case RTR -> {
                if (from != QueuePairState.INIT) {
                    yield NOT_AN_EDGE;
                }
                int connection = isConnected(type) ? ADDRESS_VECTOR | PATH_MTU | DESTINATION_QUEUE_PAIR | RQ_PSN : 0;
                yield connection | (isTarget(type) ? MAX_DEST_READ_ATOMIC | MIN_RNR_TIMER : 0);
            }
            case RTS ->
                switch (from) {
                    case RTR -> SQ_PSN | (isInitiator(type) || isTarget(type) ? TIMEOUT : 0) | initiator(type);
                    case RTS, SQD -> 0;
                    case SQE -> type == QueuePairType.UC || type == QueuePairType.UD ? 0 : NOT_AN_EDGE;
                    default -> NOT_AN_EDGE;
                };
            case SQD -> from == QueuePairState.RTS || from == QueuePairState.SQD ? 0 : NOT_AN_EDGE;
            case SQE -> NOT_AN_EDGE; // the device goes there by itself
        };
    }

    private static int initiator(QueuePairType type) {
        return isInitiator(type) ? RETRY_COUNT | RNR_RETRY | MAX_READ_ATOMIC : 0;
    }

    private static int optional(QueuePairType type, QueuePairState from, QueuePairState to) {
        int rights = isConnected(type) ? ACCESS_FLAGS : QKEY;
        int paths = isConnected(type) ? ALTERNATE_PATH | PATH_MIGRATION_STATE : 0;
        return switch (to) {
            case INIT -> from == QueuePairState.INIT ? PKEY_INDEX | PORT | rights : 0;
            case RTR -> PKEY_INDEX | rights | paths & ALTERNATE_PATH;
            case RTS -> {
                int all = CURRENT_STATE | rights;
                yield from == QueuePairState.SQE ? all : all | paths | (isTarget(type) ? MIN_RNR_TIMER : 0);
            }
            case SQD -> from == QueuePairState.RTS ? SQD_ASYNC_NOTIFY : drained(type) | rights | paths;
            default -> 0;
        };
    }

    private static int drained(QueuePairType type) {
        return PKEY_INDEX
                | (isConnected(type) ? ADDRESS_VECTOR : 0)
                | (isInitiator(type) || isTarget(type) ? PORT | TIMEOUT : 0)
                | initiator(type)
                | (isTarget(type) ? MAX_DEST_READ_ATOMIC | MIN_RNR_TIMER : 0);
    }

    private static void checkRanges(QueuePairAttributes a, DeviceLimits limits) {
        checkRange(a, TIMEOUT, a.timeout(), 31);
        checkRange(a, RETRY_COUNT, a.retryCount(), 7);
        checkRange(a, RNR_RETRY, a.rnrRetry(), 7);
        checkRange(a, MIN_RNR_TIMER, a.minRnrTimer(), 31);
        checkRange(a, RQ_PSN, a.rqPsn(), 0xFFFFFF);
        checkRange(a, SQ_PSN, a.sqPsn(), 0xFFFFFF);
        checkRange(a, DESTINATION_QUEUE_PAIR, a.destinationQueuePair(), 0xFFFFFF);
        checkRange(a, MAX_READ_ATOMIC, a.maxReadAtomic(), limits.maxQueuePairInitiatedReadAtomics());
        checkRange(a, MAX_DEST_READ_ATOMIC, a.maxDestReadAtomic(), limits.maxQueuePairReadAtomics());
        if (a.has(ACCESS_FLAGS) && (a.accessFlags() & ~(REMOTE_RIGHTS | AccessFlags.OPTIONAL_RANGE)) != 0) {
            throw invalid("accessFlags is 0x" + Integer.toHexString(a.accessFlags())
                    + ": a queue pair has REMOTE_WRITE, REMOTE_READ, REMOTE_ATOMIC and the flushes");
        }
        if (a.has(PATH_MTU) && a.pathMtu() == null) {
            throw invalid("pathMtu is null");
        }
        if (a.has(ALTERNATE_PATH) && a.alternatePath() == null) {
            throw invalid("alternatePath is null");
        }
        if (a.has(PATH_MIGRATION_STATE) && a.pathMigrationState() == null) {
            throw invalid("pathMigrationState is null");
        }
        if (a.has(ADDRESS_VECTOR) && a.addressVector() == null) {
            throw invalid("addressVector is null");
        }
    }

    private static void checkRange(QueuePairAttributes attributes, int bit, int value, int limit) {
        if (attributes.has(bit) && (value < 0 || value > limit)) {
            throw invalid(nameOf(bit) + " is " + value + ": give 0 to " + limit);
        }
    }

    private static VerbsException invalid(String sentence) {
        return new VerbsException(VERB, Errno.EINVAL, sentence);
    }

    private static String names(int mask) {
        StringBuilder names = new StringBuilder();
        for (int rest = mask; rest != 0; rest &= rest - 1) {
            names.append(names.length() == 0 ? "" : ", ").append(nameOf(Integer.lowestOneBit(rest)));
        }
        return names.toString();
    }
}
