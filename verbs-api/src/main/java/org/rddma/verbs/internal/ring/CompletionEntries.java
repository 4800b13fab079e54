package org.rddma.verbs.internal.ring;

import static org.rddma.verbs.internal.ring.CompletionEntryDescriptor.*;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.internal.os.Os;

/** The entries of a completion ring, by position. They have one size: resizing makes others. */
final class CompletionEntries {
    private final ByteBuffer memory;
    private final int fields;
    private final boolean hasStandardFields;
    private final int mask;
    private final int shift;

    /**
     * Entries that hold nothing.
     *
     * @param least how many at least, 1 or more
     * @param fields bits of {@link CompletionFields}: what is written
     * @param verb on whose behalf
     */
    CompletionEntries(int least, int fields, String verb) {
        this.fields = fields;
        hasStandardFields = (fields & CompletionFields.STANDARD) == CompletionFields.STANDARD;
        int capacity = capacityFor(least);
        shift = Integer.numberOfTrailingZeros(capacity);
        mask = capacity - 1;
        memory = Os.allocate((long) capacity * ENTRY_BYTES, ENTRY_BYTES, verb);
    }

    static int capacityFor(int least) {
        return least == 1 ? 1 : Integer.highestOneBit(least - 1) << 1;
    }

    int capacity() {
        return mask + 1;
    }

    private int entry(long position) {
        return ((int) position & mask) << ENTRY_SHIFT;
    }

    private int generation(long position) {
        return (int) (position >>> shift) + 1;
    }

    /** In place of a generation: neither that of this round nor of the one before, nor of any that is near. */
    private int noGeneration(long position) {
        return generation(position) ^ Integer.MIN_VALUE;
    }

    // ---- the producer

    void write(
            long position,
            long wrId,
            int kind,
            int vendorError,
            int byteLength,
            int immediate,
            int queuePair,
            int sourceQueuePair,
            int pkeyIndex,
            int serviceLevel) {
        int entry = entry(position);
        Words.spInt(memory, entry + KIND, kind);
        Words.spLong(memory, entry + WR_ID, wrId);
        Words.spInt(memory, entry + VENDOR_ERROR, vendorError);
        Words.spInt(memory, entry + PKEY_AND_LID, pkeyAndLid(pkeyIndex, 0));
        if (hasStandardFields) {
            Words.spInt(memory, entry + BYTE_LENGTH, byteLength);
            Words.spInt(memory, entry + IMMEDIATE, immediate);
            Words.spInt(memory, entry + QUEUE_PAIR, queuePair);
            Words.spInt(memory, entry + SOURCE_QUEUE_PAIR, sourceQueuePair);
            Words.spInt(memory, entry + LEVEL_AND_PATH, levelAndPath(serviceLevel, 0));
        } else {
            writeIfWanted(CompletionFields.BYTE_LENGTH, entry + BYTE_LENGTH, byteLength);
            writeIfWanted(CompletionFields.IMMEDIATE, entry + IMMEDIATE, immediate);
            writeIfWanted(CompletionFields.QUEUE_PAIR, entry + QUEUE_PAIR, queuePair);
            writeIfWanted(CompletionFields.SOURCE_QUEUE_PAIR, entry + SOURCE_QUEUE_PAIR, sourceQueuePair);
            writeIfWanted(CompletionFields.SERVICE_LEVEL, entry + LEVEL_AND_PATH, levelAndPath(serviceLevel, 0));
        }
    }

    private void writeIfWanted(int field, int offset, int value) {
        if ((fields & field) != 0) {
            Words.spInt(memory, offset, value);
        }
    }

    void writeRawTime(long position, long ticks) {
        Words.spLong(memory, entry(position) + RAW_TIME, ticks);
    }

    void writeWallTime(long position, long nanos) {
        Words.spLong(memory, entry(position) + WALL_TIME, nanos);
    }

    /** Before an entry is written over that consumers may be reading: they will see it. */
    void takeAway(long position) {
        Words.spInt(memory, entry(position) + GENERATION, noGeneration(position));
        VarHandle.storeStoreFence();
    }

    /** Lets consumers see an entry. */
    void soThere(long position) {
        Words.soInt(memory, entry(position) + GENERATION, generation(position));
    }

    /** Takes over what other entries hold, before anybody else sees these; all other positions hold nothing. */
    void copy(CompletionEntries from, long first, long end) {
        for (long position = end - capacity(); position < first; position++) {
            Words.spInt(memory, entry(position) + GENERATION, noGeneration(position));
        }
        for (long position = first; position < end; position++) {
            int target = entry(position);
            memory.put(target, from.memory, from.entry(position), ENTRY_BYTES);
            Words.spInt(memory, target + GENERATION, generation(position));
        }
    }

    // ---- consumers

    boolean isThere(long position) {
        return Words.laInt(memory, entry(position) + GENERATION) == generation(position);
    }

    /** Whether what was read since {@link #isThere} is whole: it was not taken away meanwhile. */
    boolean isStillThere(long position) {
        VarHandle.acquireFence();
        return isThere(position);
    }

    /** Whether the entry is still that of the round before: nothing came. */
    boolean isAwaited(long position) {
        return Words.laInt(memory, entry(position) + GENERATION) == generation(position) - 1;
    }

    void read(long position, WorkCompletion into) {
        int entry = entry(position);
        int kind = Words.lpInt(memory, entry + KIND);
        int pkeyAndLid = Words.lpInt(memory, entry + PKEY_AND_LID);
        int levelAndPath = Words.lpInt(memory, entry + LEVEL_AND_PATH);
        into.set(
                Words.lpLong(memory, entry + WR_ID),
                status(kind),
                opcode(kind),
                flags(kind),
                Words.lpInt(memory, entry + VENDOR_ERROR),
                Integer.toUnsignedLong(Words.lpInt(memory, entry + BYTE_LENGTH)),
                Words.lpInt(memory, entry + IMMEDIATE),
                Words.lpInt(memory, entry + QUEUE_PAIR),
                Words.lpInt(memory, entry + SOURCE_QUEUE_PAIR),
                pkeyIndex(pkeyAndLid),
                lid(pkeyAndLid),
                serviceLevel(levelAndPath),
                pathBits(levelAndPath));
    }

    void read(long position, long[] words) {
        int entry = entry(position);
        for (int i = 0; i < words.length; i++) {
            words[i] = Words.lpLong(memory, entry + i * Long.BYTES);
        }
    }
}
