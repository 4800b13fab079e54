package org.rddma.verbs.spi;

import java.util.Set;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequest;
import org.rddma.verbs.WorkRequestOpcode;

/** What can be posted, for every provider (man ibv_post_send, ibv_post_recv). */
public final class WorkRequestRules {
    /** Bytes of the largest message. */
    public static final long MAX_MESSAGE = 1L << 31;

    private static final int RC_OPCODES = bits(
            WorkRequestOpcode.RDMA_WRITE,
            WorkRequestOpcode.RDMA_WRITE_WITH_IMM,
            WorkRequestOpcode.SEND,
            WorkRequestOpcode.SEND_WITH_IMM,
            WorkRequestOpcode.RDMA_READ,
            WorkRequestOpcode.ATOMIC_CMP_AND_SWP,
            WorkRequestOpcode.ATOMIC_FETCH_AND_ADD,
            WorkRequestOpcode.SEND_WITH_INV,
            WorkRequestOpcode.LOCAL_INV,
            WorkRequestOpcode.BIND_MW,
            WorkRequestOpcode.FLUSH,
            WorkRequestOpcode.ATOMIC_WRITE);
    private static final int UC_OPCODES = bits(
            WorkRequestOpcode.RDMA_WRITE,
            WorkRequestOpcode.RDMA_WRITE_WITH_IMM,
            WorkRequestOpcode.SEND,
            WorkRequestOpcode.SEND_WITH_IMM,
            WorkRequestOpcode.LOCAL_INV,
            WorkRequestOpcode.BIND_MW);
    private static final int UD_OPCODES = bits(WorkRequestOpcode.SEND, WorkRequestOpcode.SEND_WITH_IMM);
    private static final int INLINE_OPCODES = bits(
            WorkRequestOpcode.RDMA_WRITE,
            WorkRequestOpcode.RDMA_WRITE_WITH_IMM,
            WorkRequestOpcode.SEND,
            WorkRequestOpcode.SEND_WITH_IMM,
            WorkRequestOpcode.SEND_WITH_INV,
            WorkRequestOpcode.ATOMIC_WRITE);
    private static final int DATALESS_OPCODES =
            bits(WorkRequestOpcode.LOCAL_INV, WorkRequestOpcode.BIND_MW, WorkRequestOpcode.FLUSH);
    private static final int ALIGNED_OPCODES = bits(
            WorkRequestOpcode.ATOMIC_CMP_AND_SWP,
            WorkRequestOpcode.ATOMIC_FETCH_AND_ADD,
            WorkRequestOpcode.ATOMIC_WRITE);
    private static final int ATOMIC_OPCODES =
            bits(WorkRequestOpcode.ATOMIC_CMP_AND_SWP, WorkRequestOpcode.ATOMIC_FETCH_AND_ADD);
    private static final int INLINE = 1 << 31; // no opcode has this bit
    private static final int FLAGS = SendFlags.FENCE | SendFlags.SIGNALED | SendFlags.SOLICITED | SendFlags.INLINE;

    private WorkRequestRules() {}

    private static int bits(WorkRequestOpcode... opcodes) {
        int bits = 0;
        for (WorkRequestOpcode opcode : opcodes) {
            bits |= 1 << opcode.value();
        }
        return bits;
    }

    /**
     * What a queue pair can be asked for, as bits for {@link #checkSend}: to be kept, since every post needs it.
     *
     * @param type of the queue pair
     * @param capabilities of the device
     * @return opcodes, and whether data may be inline
     */
    public static int allowed(QueuePairType type, Set<Capability> capabilities) {
        int allowed = ofType(type) & ~missing(capabilities);
        return capabilities.contains(Capability.INLINE) ? allowed | INLINE : allowed;
    }

    private static int ofType(QueuePairType type) {
        return switch (type) {
            case RC, XRC_SEND -> RC_OPCODES;
            case XRC_RECV -> 0;
            case UC -> UC_OPCODES;
            default -> UD_OPCODES;
        };
    }

    /** The opcodes that a device with these capabilities does not have at all. */
    private static int missing(Set<Capability> capabilities) {
        int missing = 0;
        for (WorkRequestOpcode opcode : WorkRequestOpcode.values()) {
            Capability needed = capabilityOf(opcode);
            if (needed != null && !capabilities.contains(needed)) {
                missing |= bits(opcode);
            }
        }
        boolean binds = capabilities.contains(Capability.MEMORY_WINDOW_TYPE_1)
                || capabilities.contains(Capability.MEMORY_WINDOW_TYPE_2);
        return binds ? missing : missing | bits(WorkRequestOpcode.BIND_MW);
    }

    /** What a device must have for an opcode; null when every device has it, or none. */
    private static Capability capabilityOf(WorkRequestOpcode opcode) {
        return switch (opcode) {
            case RDMA_READ -> Capability.RDMA_READ;
            case ATOMIC_CMP_AND_SWP, ATOMIC_FETCH_AND_ADD -> Capability.ATOMICS;
            case LOCAL_INV, SEND_WITH_INV -> Capability.INVALIDATE;
            case FLUSH -> Capability.FLUSH;
            case ATOMIC_WRITE -> Capability.ATOMIC_WRITE;
            default -> null;
        };
    }

    /**
     * Whether an opcode is an atomic.
     *
     * @param opcode value of a {@link WorkRequestOpcode}
     * @return true for compare-and-swap and fetch-and-add
     */
    public static boolean isAtomic(int opcode) {
        return (ATOMIC_OPCODES >>> opcode & 1) != 0;
    }

    /**
     * Checks a send request; changes nothing.
     *
     * @param request what is posted
     * @param type of the queue pair
     * @param allowed what it can be asked for, from {@link #allowed}
     * @param maxElements its limit
     * @param maxInline its limit
     * @return the bytes of data
     * @throws VerbsException EINVAL or EOPNOTSUPP, naming the request
     */
    public static long checkSend(SendRequest request, QueuePairType type, int allowed, int maxElements, int maxInline) {
        WorkRequestOpcode opcode = request.opcode();
        if (opcode == null) {
            throw invalid("postSend", request, "the opcode is null");
        }
        int bit = 1 << opcode.value();
        if ((allowed & bit) == 0) {
            throw wrongOpcode(request, type, bit);
        }
        int flags = request.flags();
        if ((flags & ~FLAGS) != 0) {
            throw invalid("postSend", request, "the flags 0x" + Integer.toHexString(flags) + " hold an unknown bit");
        }
        boolean inline = (flags & SendFlags.INLINE) != 0;
        if (!inline && request.inlineData() != null && request.sgeCount() == 0) { // it would be lost in silence
            throw invalid("postSend", request, "it has inline data only, which needs SendFlags.INLINE");
        }
        if (inline && (allowed & INLINE) == 0 && opcode != WorkRequestOpcode.ATOMIC_WRITE) {
            throw unsupported(request, "inline data");
        }
        long bytes = inline
                ? checkInline(request, bit, maxElements, maxInline)
                : checkElements("postSend", request, maxElements);
        if (bytes > MAX_MESSAGE) {
            throw invalid("postSend", request, "a message of " + bytes + " bytes is too long: it may have 2^31");
        }
        if (((ALIGNED_OPCODES | DATALESS_OPCODES) & bit) != 0) {
            checkSpecial(request, opcode, bit, bytes);
        }
        return bytes;
    }

    private static void checkSpecial(SendRequest request, WorkRequestOpcode opcode, int bit, long bytes) {
        if ((ALIGNED_OPCODES & bit) != 0 && (request.remoteAddress() & 7) != 0) {
            throw invalid(
                    "postSend",
                    request,
                    "the remote address 0x" + Long.toHexString(request.remoteAddress()) + " is not a multiple of 8");
        }
        if ((ATOMIC_OPCODES & bit) != 0 && bytes < Long.BYTES) {
            throw invalid("postSend", request, "an atomic needs 8 bytes for the old value, not " + bytes);
        }
        if (opcode == WorkRequestOpcode.ATOMIC_WRITE && bytes != Long.BYTES) {
            throw invalid("postSend", request, "an atomic write has 8 bytes, not " + bytes);
        }
        if ((DATALESS_OPCODES & bit) != 0 && request.sgeCount() != 0) {
            throw invalid("postSend", request, "it has no data: take the elements out");
        }
        if (opcode == WorkRequestOpcode.FLUSH) {
            checkFlush(request);
        } else if (opcode == WorkRequestOpcode.BIND_MW) {
            checkBind(request);
        }
    }

    private static void checkFlush(SendRequest request) {
        int placement = request.flushPlacement();
        if (placement == 0 || (placement & ~(FlushPlacement.GLOBAL | FlushPlacement.PERSISTENT)) != 0) {
            throw invalid("postSend", request, "the placement is " + placement + ": give GLOBAL, PERSISTENT or both");
        }
        if (request.flushLevel() == null) {
            throw invalid("postSend", request, "the level is null: give RANGE or REGION");
        }
        boolean ranged = request.flushLevel() == FlushLevel.RANGE;
        if (ranged && (request.flushLength() < 0 || request.flushLength() > 0xFFFF_FFFFL)) {
            throw invalid("postSend", request, "the length is " + request.flushLength() + ": give 0 to 2^32-1");
        }
    }

    private static void checkBind(SendRequest request) {
        if (request.window() == null) {
            throw invalid("postSend", request, "there is no window to bind");
        }
        if (request.bindLength() < 0 || request.bindLength() > 0 && request.boundRegion() == null) {
            throw invalid(
                    "postSend", request, request.bindLength() + " bytes need a region, and cannot be fewer than none");
        }
    }

    /**
     * Checks the elements of a request; changes nothing.
     *
     * @param verb on whose behalf
     * @param request what is posted
     * @param maxElements limit of the queue pair
     * @return the bytes that they have in all
     * @throws VerbsException EINVAL, naming the request
     */
    public static long checkElements(String verb, WorkRequest request, int maxElements) {
        int count = request.sgeCount();
        if (count > maxElements) {
            throw invalid(verb, request, count + " elements are too many: the queue pair was made for " + maxElements);
        }
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            ScatterGatherElement element = request.sge(i);
            if (element == null) {
                throw invalid(verb, request, "element " + i + " is null");
            }
            int length = element.length();
            if (length < 0) {
                throw invalid(verb, request, "element " + i + " has the length " + length);
            }
            bytes += length;
        }
        return bytes;
    }

    private static long checkInline(SendRequest request, int bit, int maxElements, int maxInline) {
        if ((INLINE_OPCODES & bit) == 0) {
            throw invalid("postSend", request, "only sends and writes can be inline");
        }
        long bytes = request.inlineData() != null
                ? request.inlineData().remaining()
                : checkElements("postSend", request, maxElements);
        if (bytes > maxInline && bit != 1 << WorkRequestOpcode.ATOMIC_WRITE.value()) { // has a place for its 8 bytes
            throw invalid(
                    "postSend",
                    request,
                    bytes + " bytes are too many for inline data: the queue pair was made for " + maxInline);
        }
        return bytes;
    }

    /** The type cannot do it, or the device: what no type can do here is not the type's fault. */
    private static VerbsException wrongOpcode(SendRequest request, QueuePairType type, int bit) {
        String opcode = request.opcode().text();
        boolean ofOtherType = (RC_OPCODES & bit) != 0 && (ofType(type) & bit) == 0;
        return ofOtherType
                ? invalid("postSend", request, "a " + type + " queue pair cannot do " + opcode)
                : unsupported(request, opcode);
    }

    private static VerbsException unsupported(SendRequest request, String what) {
        return new VerbsException(
                "postSend",
                Errno.EOPNOTSUPP,
                request + ": this device does not have " + what + ": see DeviceAttributes.capabilities()",
                request);
    }

    /**
     * The exception for a request that cannot be posted.
     *
     * @param verb on whose behalf
     * @param request the request
     * @param sentence what is wrong with it
     * @return EINVAL, naming the request
     */
    public static VerbsException invalid(String verb, WorkRequest request, String sentence) {
        return new VerbsException(verb, Errno.EINVAL, request + ": " + sentence, request);
    }
}
