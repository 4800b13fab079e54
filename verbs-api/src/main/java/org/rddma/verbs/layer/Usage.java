package org.rddma.verbs.layer;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.internal.os.Os;

/** Something that posted requests name, and how many do now: an address handle, or a region with its memory. */
final class Usage {
    /** What lets peers write: of itself, or by way of a window that may be bound to it. */
    private static final int OPEN_TO_PEERS = AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC | AccessFlags.MW_BIND;

    final AtomicInteger posted = new AtomicInteger();
    final Object target;

    private ByteBuffer memory;
    private long address;
    private long nativeAddress;
    private boolean openToPeers;

    Usage(Object target) {
        this.target = target;
        if (target instanceof MemoryRegion region) {
            read(region);
        }
    }

    /** What the region is now: it may be another than it was. */
    synchronized void read(MemoryRegion region) {
        address = region.address();
        openToPeers = (region.access() & OPEN_TO_PEERS) != 0;
        try {
            memory = region.buffer();
            nativeAddress = Os.addressOf(memory);
        } catch (RuntimeException e) { // memory that is in no buffer is not watched
            memory = null;
        }
    }

    /**
     * A piece of the memory.
     *
     * @param from address as requests give it
     * @param length bytes
     * @return null when it is not all inside, or cannot be seen
     */
    synchronized Piece piece(long from, int length) {
        if (memory == null || length < 0 || from < address || from - address > memory.capacity() - length) {
            return null;
        }
        int offset = (int) (from - address);
        return new Piece(memory.slice(offset, length), nativeAddress + offset, openToPeers);
    }

    /** Whether peers may write to some memory by way of this region, which may be another than the memory was named by. */
    synchronized boolean opensToPeers(Piece piece) {
        if (!openToPeers) {
            return false;
        }
        boolean isAnywhere = memory == null || memory.capacity() == 0; // over all memory, or nobody knows where
        return isAnywhere || new Piece(memory, nativeAddress, true).overlaps(piece);
    }

    /**
     * Some memory.
     *
     * @param bytes all of it
     * @param start its native address
     * @param openToPeers whether peers may write to it at any time
     */
    record Piece(ByteBuffer bytes, long start, boolean openToPeers) {
        long end() {
            return start + bytes.capacity();
        }

        boolean overlaps(Piece other) {
            return start < other.end() && other.start < end();
        }
    }
}
