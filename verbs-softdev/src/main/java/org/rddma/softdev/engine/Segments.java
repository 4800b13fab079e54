package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.WorkRequest;
import org.rddma.verbs.internal.ring.CacheLinePadded;
import org.rddma.verbs.internal.ring.Words;

/** A list of memory that was found and checked: what a gather or scatter list means. Reused; for one thread at a time. */
@SuppressWarnings("ReferenceEquality") // buffers are compared by what they are, not by what is in them
final class Segments extends CacheLinePadded {
    /** Unused slots at both ends of the arrays: 128 bytes, see the base class. */
    private static final int PADDING = 32;

    private final ByteBuffer[] memories;
    private final long[] offsets;
    private final int[] lengths;
    private int end = PADDING;
    private long total;
    private ByteBuffer word;

    Segments(int maxElements) {
        int capacity = PADDING + Math.max(1, maxElements) + PADDING;
        memories = new ByteBuffer[capacity];
        offsets = new long[capacity];
        lengths = new int[capacity];
    }

    long total() {
        return total;
    }

    void clear() {
        end = PADDING;
        total = 0;
    }

    /** Whether a buffer is, or was lately, one of these. May be asked without any lock. */
    boolean refersTo(ByteBuffer memory) {
        for (ByteBuffer other : memories) {
            if (other == memory) {
                return true;
            }
        }
        return false;
    }

    /** Lets go of the buffers, which would be kept alive. */
    void forget() {
        Arrays.fill(memories, null);
        clear();
    }

    /**
     * Whether all of it can still be read: memory may be taken away while it is registered. Where it is part of all
     * memory, the copy itself has said so.
     */
    boolean isReadable() {
        try {
            for (int i = PADDING; i < end; i++) {
                if (memories[i] != WholeProcess.MEMORY) {
                    byte unused = memories[i].get((int) offsets[i]);
                }
            }
            return true;
        } catch (RuntimeException | InternalError e) {
            return false;
        }
    }

    void add(ByteBuffer memory, long offset, int length) {
        if (length > 0) {
            if (memories[end] != memory) { // a store of a reference makes work for the garbage collector
                memories[end] = memory;
            }
            offsets[end] = offset;
            lengths[end++] = length;
            total += length;
        }
    }

    /**
     * Finds the elements of a ring's entry.
     *
     * @return false when one of them names no memory that may be used so
     */
    boolean load(ByteBuffer ring, int firstElement, int elements, MemoryTable table, Object domain, int rights) {
        clear();
        int element = firstElement;
        for (int i = 0; i < elements; i++, element += ELEMENT_BYTES) {
            int length = Words.lpInt(ring, element + ELEMENT_LENGTH);
            if (length == 0) {
                continue; // nothing moves: the key is not looked at
            }
            if (!find(
                    Words.lpInt(ring, element + ELEMENT_LKEY),
                    Words.lpLong(ring, element + ELEMENT_ADDRESS),
                    length,
                    table,
                    domain,
                    rights)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Finds the elements of a request.
     *
     * @return false when one of them names no memory that may be used so
     */
    boolean load(WorkRequest request, MemoryTable table, Object domain, int rights) {
        clear();
        for (int i = 0; i < request.sgeCount(); i++) {
            ScatterGatherElement element = request.sge(i);
            int length = element.length();
            if (length != 0 && !find(element.lkey(), element.address(), length, table, domain, rights)) {
                return false;
            }
        }
        return true;
    }

    private boolean find(int key, long address, int length, MemoryTable table, Object domain, int rights) {
        RegisteredMemory found = table.find(key);
        long offset = found == null ? -1 : found.check(domain, rights, address, length);
        if (offset < 0) {
            return false;
        }
        add(found.memory, offset, length);
        return true;
    }

    /** Copies all of this behind the first bytes of the other, which has room for it. */
    void copyTo(Segments to, long skip) {
        if (end == PADDING + 1 && to.end == PADDING + 1) {
            Copy.copy(
                    memories[PADDING],
                    offsets[PADDING],
                    to.memories[PADDING],
                    to.offsets[PADDING] + skip,
                    lengths[PADDING]);
            return;
        }
        int target = PADDING;
        long skipped = skip;
        while (skipped > 0 && skipped >= to.lengths[target]) {
            skipped -= to.lengths[target++];
        }
        int at = (int) skipped;
        for (int source = PADDING; source < end; source++) {
            int done = 0;
            while (done < lengths[source]) {
                int length = Math.min(lengths[source] - done, to.lengths[target] - at);
                Copy.copy(
                        memories[source], offsets[source] + done, to.memories[target], to.offsets[target] + at, length);
                done += length;
                at += length;
                if (at == to.lengths[target]) {
                    target++;
                    at = 0;
                }
            }
        }
    }

    /** Reads 8 bytes, which is all that there is. */
    long getLong() {
        if (lengths[PADDING] == Long.BYTES && memories[PADDING] != WholeProcess.MEMORY) {
            return Words.lpLong(memories[PADDING], (int) offsets[PADDING]);
        }
        drain(word(), 0);
        return word.getLong(0);
    }

    /** Writes 8 bytes to the beginning. */
    void putLong(long value) {
        if (lengths[PADDING] >= Long.BYTES && memories[PADDING] != WholeProcess.MEMORY) {
            Words.spLong(memories[PADDING], (int) offsets[PADDING], value);
            return;
        }
        ByteBuffer bytes = word().putLong(0, value);
        int from = 0;
        for (int i = PADDING; from < Long.BYTES; i++) {
            int length = Math.min(lengths[i], Long.BYTES - from);
            Copy.copy(bytes, from, memories[i], offsets[i], length);
            from += length;
        }
    }

    /** Where 8 bytes are put together that lie in several places, which is rare. */
    private ByteBuffer word() {
        if (word == null) {
            word = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        }
        return word;
    }

    /** Copies from the other's memory into all of this. */
    void fill(ByteBuffer memory, long offset) {
        long from = offset;
        for (int i = PADDING; i < end; i++) {
            Copy.copy(memory, from, memories[i], offsets[i], lengths[i]);
            from += lengths[i];
        }
    }

    /** Copies all of this into the other memory. */
    void drain(ByteBuffer memory, long offset) {
        long to = offset;
        for (int i = PADDING; i < end; i++) {
            Copy.copy(memories[i], offsets[i], memory, to, lengths[i]);
            to += lengths[i];
        }
    }

    /** Copies a range of this, which has it, to other memory. */
    void gather(long skip, ByteBuffer memory, int offset, int bytes) {
        move(skip, memory, offset, bytes, true);
    }

    /** Copies other memory into a range of this, which has it. */
    void scatter(long skip, ByteBuffer memory, int offset, int bytes) {
        move(skip, memory, offset, bytes, false);
    }

    private void move(long skip, ByteBuffer memory, int offset, int bytes, boolean out) {
        int i = PADDING;
        long at = skip;
        while (i < end && at >= lengths[i]) {
            at -= lengths[i++];
        }
        int done = 0;
        while (done < bytes) {
            int length = (int) Math.min(bytes - done, lengths[i] - at);
            if (out) {
                Copy.copy(memories[i], offsets[i] + at, memory, offset + done, length);
            } else {
                Copy.copy(memory, offset + done, memories[i], offsets[i] + at, length);
            }
            done += length;
            at = 0;
            i++;
        }
    }
}
