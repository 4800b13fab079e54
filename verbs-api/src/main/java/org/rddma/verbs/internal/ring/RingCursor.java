package org.rddma.verbs.internal.ring;

import static org.rddma.verbs.internal.ring.CompletionEntryDescriptor.*;

import java.nio.ByteOrder;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** A cursor that keeps the words of one entry as they were in the ring, and decodes a field when it is asked for. */
public abstract class RingCursor implements CompletionCursor {
    private static final boolean BIG_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

    private final CompletionRing ring;
    private final long[] words = new long[6];

    /**
     * A cursor.
     *
     * @param ring what it walks over
     */
    protected RingCursor(CompletionRing ring) {
        this.ring = ring;
    }

    /**
     * Takes the next entry out.
     *
     * @return false when the ring was empty
     */
    protected final boolean advance() {
        return ring.poll(words);
    }

    private int word(int offset) {
        boolean first = (offset & 4) == 0;
        long pair = words[offset >> 3];
        return (int) (first == BIG_ENDIAN ? pair >>> 32 : pair);
    }

    @Override
    public final long wrId() {
        return words[WR_ID >> 3];
    }

    @Override
    public final WorkCompletionStatus status() {
        return WorkCompletionStatus.of(CompletionEntryDescriptor.status(word(KIND)));
    }

    @Override
    public final boolean isSuccess() {
        return CompletionEntryDescriptor.status(word(KIND)) == 0;
    }

    @Override
    public final WorkCompletionOpcode opcode() {
        return WorkCompletionOpcode.of(CompletionEntryDescriptor.opcode(word(KIND)));
    }

    @Override
    public final int vendorError() {
        return word(VENDOR_ERROR);
    }

    @Override
    public final long byteLength() {
        return Integer.toUnsignedLong(word(BYTE_LENGTH));
    }

    @Override
    public final int immediate() {
        return word(IMMEDIATE);
    }

    @Override
    public final int queuePairNumber() {
        return word(QUEUE_PAIR);
    }

    @Override
    public final int sourceQueuePair() {
        return word(SOURCE_QUEUE_PAIR);
    }

    @Override
    public final int flags() {
        return CompletionEntryDescriptor.flags(word(KIND));
    }

    @Override
    public final int pkeyIndex() {
        return CompletionEntryDescriptor.pkeyIndex(word(PKEY_AND_LID));
    }

    @Override
    public final int sourceLid() {
        return CompletionEntryDescriptor.lid(word(PKEY_AND_LID));
    }

    @Override
    public final int serviceLevel() {
        return CompletionEntryDescriptor.serviceLevel(word(LEVEL_AND_PATH));
    }

    @Override
    public final int destinationPathBits() {
        return CompletionEntryDescriptor.pathBits(word(LEVEL_AND_PATH));
    }

    @Override
    public final int invalidatedRkey() {
        return word(IMMEDIATE);
    }

    @Override
    public final long completionTimestamp() {
        throw VerbsException.unsupported("completionTimestamp", Capability.COMPLETION_TIMESTAMP);
    }

    @Override
    public final long wallClockNanos() {
        throw VerbsException.unsupported("wallClockNanos", Capability.WALLCLOCK_TIMESTAMP);
    }
}
