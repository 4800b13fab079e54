package org.rddma.verbs.model;

import java.nio.ByteBuffer;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.ScatterGatherElement;

/** Memory in which every request, every write and every receive of a program has a place of its own. */
final class ProgramMemory {
    private static final int PLACE = 256;
    private static final int RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    private final MemoryRegion region;
    private final ByteBuffer buffer;
    private final int ids;

    /** For ids from 0 on, and so many ends. */
    ProgramMemory(ProtectionDomain domain, int ids, int ends) {
        this.ids = ids;
        region = domain.allocateMemory((2 * ids + ends) * PLACE, RIGHTS);
        buffer = region.buffer();
    }

    int rkey() {
        return region.rkey();
    }

    /** Where the data of a request or of a receive is. */
    private static int local(long id) {
        return (int) id * PLACE;
    }

    /** Where a request writes to. */
    private int target(long id) {
        return (ids + (int) id) * PLACE;
    }

    private int counter(int end) {
        return (2 * ids + end) * PLACE;
    }

    ScatterGatherElement element(long id, int bytes) {
        return new ScatterGatherElement(region, local(id), bytes);
    }

    ScatterGatherElement receiveElement(long id) {
        return new ScatterGatherElement(region, local(id), PLACE);
    }

    long targetAddress(long id) {
        return region.address() + target(id);
    }

    /** Of the number that an end adds to. */
    long counterAddress(int end) {
        return region.address() + counter(end);
    }

    private static byte pattern(long id, int index) {
        return (byte) (37 * (int) id + 11 * index + 1);
    }

    void fill(long id, int bytes) {
        for (int i = 0; i < bytes; i++) {
            buffer.put(local(id) + i, pattern(id, i));
        }
    }

    /** Spoils what was posted inline. */
    void spoil(long id, int bytes) {
        for (int i = 0; i < bytes; i++) {
            buffer.put(local(id) + i, (byte) ~pattern(id, i));
        }
    }

    boolean isWritten(long id, int bytes) {
        return holds(target(id), id, bytes);
    }

    boolean isReceived(long receive, int offset, long id, int bytes) {
        return holds(local(receive) + offset, id, bytes);
    }

    /** Whether a read has brought what was written, and zeros behind. */
    boolean isRead(long read, int bytes, long write, int written) {
        if (!holds(local(read), write, Math.min(bytes, written))) {
            return false;
        }
        for (int i = written; i < bytes; i++) {
            if (buffer.get(local(read) + i) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean holds(int offset, long id, int bytes) {
        for (int i = 0; i < bytes; i++) {
            if (buffer.get(offset + i) != pattern(id, i)) {
                return false;
            }
        }
        return true;
    }

    long number(long id) {
        return buffer.getLong(local(id));
    }

    long counterValue(int end) {
        return buffer.getLong(counter(end));
    }
}
