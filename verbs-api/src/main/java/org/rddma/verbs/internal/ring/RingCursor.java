package org.rddma.verbs.internal.ring;

import static org.rddma.verbs.internal.ring.CompletionEntryDescriptor.*;

import java.nio.ByteOrder;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** A cursor that keeps the words of one entry as they were in the ring, and decodes a field when it is asked for. */
public abstract class RingCursor implements CompletionCursor {
    private static final boolean BIG_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

    private static final int STAMPS =
            CompletionFields.COMPLETION_TIMESTAMP | CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK;

    private final CompletionRing ring;
    private final int fields;
    private final long[] words;

    /**
     * A cursor.
     *
     * @param ring what it walks over
     */
    protected RingCursor(CompletionRing ring) {
        this.ring = ring;
        fields = ring.fields();
        words = new long[(fields & STAMPS) == 0 ? RAW_TIME >> 3 : ENTRY_BYTES >> 3];
    }

    /**
     * Takes the next entry out.
     *
     * @return false when the ring was empty
     */
    protected final boolean advance() {
        return ring.poll(words);
    }

    private void require(int field, String verb, String name) {
        if ((fields & field) == 0) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the queue was made without this field: add CompletionFields." + name
                            + " to CompletionQueueAttributes.fields");
        }
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
        require(CompletionFields.BYTE_LENGTH, "byteLength", "BYTE_LENGTH");
        return Integer.toUnsignedLong(word(BYTE_LENGTH));
    }

    @Override
    public final int immediate() {
        require(CompletionFields.IMMEDIATE, "immediate", "IMMEDIATE");
        return word(IMMEDIATE);
    }

    @Override
    public final int queuePairNumber() {
        require(CompletionFields.QUEUE_PAIR, "queuePairNumber", "QUEUE_PAIR");
        return word(QUEUE_PAIR);
    }

    @Override
    public final int sourceQueuePair() {
        require(CompletionFields.SOURCE_QUEUE_PAIR, "sourceQueuePair", "SOURCE_QUEUE_PAIR");
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
        require(CompletionFields.SOURCE_LID, "sourceLid", "SOURCE_LID");
        return CompletionEntryDescriptor.lid(word(PKEY_AND_LID));
    }

    @Override
    public final int serviceLevel() {
        require(CompletionFields.SERVICE_LEVEL, "serviceLevel", "SERVICE_LEVEL");
        return CompletionEntryDescriptor.serviceLevel(word(LEVEL_AND_PATH));
    }

    @Override
    public final int destinationPathBits() {
        require(CompletionFields.DESTINATION_PATH_BITS, "destinationPathBits", "DESTINATION_PATH_BITS");
        return CompletionEntryDescriptor.pathBits(word(LEVEL_AND_PATH));
    }

    @Override
    public final int invalidatedRkey() {
        require(CompletionFields.IMMEDIATE, "invalidatedRkey", "IMMEDIATE");
        return word(IMMEDIATE);
    }

    @Override
    public final long completionTimestamp() {
        require(CompletionFields.COMPLETION_TIMESTAMP, "completionTimestamp", "COMPLETION_TIMESTAMP");
        return words[RAW_TIME >> 3];
    }

    @Override
    public final long wallClockNanos() {
        require(CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK, "wallClockNanos", "COMPLETION_TIMESTAMP_WALLCLOCK");
        return words[WALL_TIME >> 3];
    }
}
