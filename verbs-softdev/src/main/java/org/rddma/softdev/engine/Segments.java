package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.internal.ring.Words;

/** A list of memory that was found and checked: what a gather or scatter list means. Reused; for one thread at a time. */
final class Segments {
    private final ByteBuffer[] memories;
    private final int[] offsets;
    private final int[] lengths;
    private int count;
    private long total;

    Segments(int maxElements) {
        int capacity = Math.max(1, maxElements);
        memories = new ByteBuffer[capacity];
        offsets = new int[capacity];
        lengths = new int[capacity];
    }

    long total() {
        return total;
    }

    void clear() {
        count = 0;
        total = 0;
    }

    void add(ByteBuffer memory, int offset, int length) {
        if (length > 0) {
            memories[count] = memory;
            offsets[count] = offset;
            lengths[count++] = length;
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
            RegisteredMemory found = table.find(Words.lpInt(ring, element + ELEMENT_LKEY));
            if (found == null) {
                return false;
            }
            int offset = found.check(domain, rights, Words.lpLong(ring, element + ELEMENT_ADDRESS), length);
            if (offset < 0) {
                return false;
            }
            add(found.memory, offset, length);
        }
        return true;
    }

    /** Copies all of this behind the first bytes of the other, which has room for it. */
    void copyTo(Segments to, long skip) {
        if (count == 1 && to.count == 1) {
            Copy.copy(memories[0], offsets[0], to.memories[0], to.offsets[0] + (int) skip, lengths[0]);
            return;
        }
        int target = 0;
        long skipped = skip;
        while (skipped > 0 && skipped >= to.lengths[target]) {
            skipped -= to.lengths[target++];
        }
        int at = (int) skipped;
        for (int source = 0; source < count; source++) {
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

    /** Writes 8 bytes to the beginning. */
    void putLong(long value) {
        if (lengths[0] >= Long.BYTES) {
            Words.spLong(memories[0], offsets[0], value);
            return;
        }
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        int segment = 0;
        int at = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            int shift = Byte.SIZE * (little ? i : Long.BYTES - 1 - i);
            memories[segment].put(offsets[segment] + at++, (byte) (value >>> shift));
            if (at == lengths[segment]) {
                segment++;
                at = 0;
            }
        }
    }

    /** Copies from the other's memory into all of this. */
    void fill(ByteBuffer memory, int offset) {
        int from = offset;
        for (int i = 0; i < count; i++) {
            Copy.copy(memory, from, memories[i], offsets[i], lengths[i]);
            from += lengths[i];
        }
    }

    /** Copies all of this into the other memory. */
    void drain(ByteBuffer memory, int offset) {
        int to = offset;
        for (int i = 0; i < count; i++) {
            Copy.copy(memories[i], offsets[i], memory, to, lengths[i]);
            to += lengths[i];
        }
    }
}
