package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import org.rddma.verbs.internal.ring.Words;

/** Pieces of one context's regions, in order: what a list of elements stands for. Without allocation. */
final class Segments {
    private static final int ELEMENT_LENGTH = 8;
    private static final int ELEMENT_KEY = 12;

    private int[] keys;
    private long[] offsets;
    private int[] lengths;
    private int count;
    private long total;

    Segments(int most) {
        keys = new int[Math.max(1, most)];
        offsets = new long[keys.length];
        lengths = new int[keys.length];
    }

    int count() {
        return count;
    }

    int key(int index) {
        return keys[index];
    }

    long offset(int index) {
        return offsets[index];
    }

    int length(int index) {
        return lengths[index];
    }

    /** Bytes of all. */
    long total() {
        return total;
    }

    void clear() {
        count = 0;
        total = 0;
    }

    /**
     * Finds the memory of elements that were written as work requests have them.
     *
     * @return false when one of them may not be used so
     */
    boolean load(ByteBuffer memory, int start, int elements, RegionDirectory regions, int domain, int rights) {
        clear();
        reserve(elements);
        int at = start;
        for (int i = 0; i < elements; i++, at += ControlBlock.ELEMENT_BYTES) {
            int length = Words.lpInt(memory, at + ELEMENT_LENGTH);
            if (length == 0) {
                continue; // nothing moves: the key is not looked at
            }
            if (!add(
                    regions, domain, rights, Words.lpInt(memory, at + ELEMENT_KEY), Words.lpLong(memory, at), length)) {
                return false;
            }
        }
        return true;
    }

    /** Makes room for so many: a peer's receive may have more elements than one's own. */
    private void reserve(int most) {
        if (keys.length < most) {
            keys = new int[most];
            offsets = new long[most];
            lengths = new int[most];
        }
    }

    /** Adds one piece; false when it may not be used so. */
    boolean add(RegionDirectory regions, int domain, int rights, int key, long address, long length) {
        long offset = regions.find(key, domain, rights, address, length);
        if (offset < 0) {
            return false;
        }
        keys[count] = key;
        offsets[count] = offset;
        lengths[count++] = (int) length;
        total += length;
        return true;
    }
}
