package org.rddma.verbs.conformance.remote;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Memory that two processes have mapped, at an address of each's own. It is given out once and never again, so that what is
 * new is zero, and that nobody who still writes to what was freed does harm.
 */
final class SharedArena {
    private static final int ALIGNMENT = 4096;

    /** Most of it is never touched, and takes no room. */
    private static final int SIZE = 1 << 30;

    private final MappedByteBuffer memory;
    private final long address;
    private final int end;
    private int used;

    /**
     * Maps a file, which is made when it is not there.
     *
     * @param half which half of it this process gives out, 0 or 1
     */
    SharedArena(Path file, int half) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
        }
        address = addressOf(memory);
        used = SIZE / 2 * half;
        end = used + SIZE / 2;
    }

    private static long addressOf(ByteBuffer buffer) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }

    /** New memory, at the beginning of a page. */
    synchronized ByteBuffer allocate(int bytes) {
        int from = used;
        int pages = Math.max(1, (bytes + ALIGNMENT - 1) / ALIGNMENT);
        if (pages > (end - from) / ALIGNMENT) {
            throw new IllegalStateException("the memory that two processes share is used up");
        }
        used = from + pages * ALIGNMENT;
        return slice(from, bytes);
    }

    ByteBuffer slice(int offset, int bytes) {
        return memory.slice(offset, bytes);
    }

    /**
     * Where a buffer lies in the arena.
     *
     * @return negative when it is not in it
     */
    int offsetOf(ByteBuffer buffer) {
        if (!buffer.isDirect() || buffer.capacity() == 0) {
            return -1;
        }
        long offset = addressOf(buffer.duplicate().clear()) - address;
        return offset >= 0 && offset < SIZE ? (int) offset : -1;
    }
}
