package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.rddma.verbs.internal.ring.Words;

/**
 * The regions of a context, in a shared memory buffer that its peers map: what a key stands for.
 *
 * <pre>
 *    0        8         16                              64, 96, ...
 *    | magic  | context | unused ...                    | key (4) | domain (4) | rights (4) | unused (4) | address (8) | length (8)
 * </pre>
 *
 * <p>A key is the number of its entry and a byte that changes with each use of the entry. It is written last and taken
 * away first. That the memory itself is there is not said here but by the driver: a copy to or from a buffer that has
 * been deleted fails. So whoever reads an entry just before it is taken away does no harm.
 */
final class RegionDirectory {
    static final long MAGIC = 0x5244_444D_4152_0001L;

    private static final int CONTEXT = 8;
    private static final int FIRST = 64;
    private static final int ENTRY_BYTES = 32;
    private static final int DOMAIN = 4;
    private static final int RIGHTS = 8;
    private static final int ADDRESS = 16;
    private static final int LENGTH = 24;

    private final ByteBuffer memory;
    private final int entries;
    private final SplittableRandom random = new SplittableRandom();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private int used;

    private RegionDirectory(ByteBuffer memory) {
        this.memory = memory;
        entries = (memory.capacity() - FIRST) / ENTRY_BYTES;
    }

    static long bytes(int regions) {
        return FIRST + (long) regions * ENTRY_BYTES;
    }

    static RegionDirectory create(ByteBuffer memory, int context) {
        Words.spLong(memory, CONTEXT, context);
        Words.soLong(memory, 0, MAGIC);
        return new RegionDirectory(memory);
    }

    /** Reads another context's; null when it is none, or not that one's. */
    static RegionDirectory open(ByteBuffer memory, int context) {
        boolean sane = memory.capacity() >= FIRST
                && Words.laLong(memory, 0) == MAGIC
                && Words.lpLong(memory, CONTEXT) == context;
        return sane ? new RegionDirectory(memory) : null;
    }

    // ---- the owner

    /** Takes a key; 0 when there is none left. */
    synchronized int reserve() {
        Integer old = free.poll();
        if (old == null && used == entries) {
            return 0;
        }
        int index = old == null ? used++ : old;
        int before = Words.lpInt(memory, entry(index) + LENGTH + Integer.BYTES); // the last variant, see release
        int variant = before == 0 ? random.nextInt(256) : before + 1 & 0xFF;
        return index + 1 << 8 | variant;
    }

    /** Shows a region to the peers. */
    void publish(int key, int domain, int rights, long address, int length) {
        int at = entry((key >>> 8) - 1);
        Words.spInt(memory, at + DOMAIN, domain);
        Words.spInt(memory, at + RIGHTS, rights);
        Words.spLong(memory, at + ADDRESS, address);
        Words.spInt(memory, at + LENGTH, length);
        Words.soInt(memory, at, key);
    }

    /** Takes a region away. */
    void withdraw(int key) {
        Words.svInt(memory, entry((key >>> 8) - 1), 0);
    }

    /** Gives a key back, whose memory is gone; the entry is used again with another key, and not before all others. */
    synchronized void release(int key) {
        int index = (key >>> 8) - 1;
        Words.spInt(memory, entry(index) + LENGTH + Integer.BYTES, key & 0xFF | 0x100);
        free.add(index);
    }

    /** The context is closed. */
    void end() {
        Words.soLong(memory, 0, 0);
    }

    // ---- everybody

    /** Whether its context is open. */
    boolean isAlive() {
        return Words.laLong(memory, 0) == MAGIC;
    }

    private static int entry(int index) {
        return FIRST + index * ENTRY_BYTES;
    }

    /** Where memory is that a key gives access to, as an offset into its region; -1 when it may not be used so. */
    long find(int key, int domain, int rights, long address, long length) {
        int index = (key >>> 8) - 1;
        if (index < 0 || index >= entries || key == 0) {
            return -1;
        }
        int at = entry(index);
        if (Words.laInt(memory, at) != key
                || Words.lpInt(memory, at + DOMAIN) != domain
                || (Words.lpInt(memory, at + RIGHTS) & rights) != rights) {
            return -1;
        }
        long offset = address - Words.lpLong(memory, at + ADDRESS);
        return offset < 0 || length < 0 || offset > Words.lpInt(memory, at + LENGTH) - length ? -1 : offset;
    }
}
