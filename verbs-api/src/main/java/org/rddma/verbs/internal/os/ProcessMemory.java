package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.rddma.verbs.Errno;

/**
 * Reads and writes the memory of a process by number and address (process_vm_readv(2)). An address where nothing is
 * gives EFAULT, here and there: it never ends this process. For one thread at a time.
 */
public final class ProcessMemory {
    /*
     * struct iovec, twice:  0              8            16              24
     *                       | here: base  | length     | there: base   | length |
     */
    private static final int LENGTH = 8;
    private static final int THERE = 16;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
    private final long vectors = Os.addressOf(memory);

    /** The buffer that was used last, and where it is: asking JNA allocates. */
    private ByteBuffer last;

    private long lastAddress;

    /** With its own arguments of the system call. */
    public ProcessMemory() {}

    /**
     * Copies from a process.
     *
     * @param pid of the process; this one's is allowed
     * @param address there
     * @param into direct
     * @param offset of the first byte here
     * @param length in bytes
     * @return 0; or -EFAULT when a byte cannot be reached, -ESRCH when there is no such process, -EPERM when its
     *     memory is not this process's business. Then any part may have been copied
     */
    public int read(int pid, long address, ByteBuffer into, int offset, int length) {
        return copy(pid, address, into, offset, length, false);
    }

    /**
     * Copies to a process.
     *
     * @param pid of the process; this one's is allowed
     * @param address there
     * @param from direct
     * @param offset of the first byte here
     * @param length in bytes
     * @return as {@link #read}
     */
    public int write(int pid, long address, ByteBuffer from, int offset, int length) {
        return copy(pid, address, from, offset, length, true);
    }

    private int copy(int pid, long address, ByteBuffer here, int offset, int length, boolean writes) {
        int unused = Objects.checkFromIndexSize(offset, length, here.capacity());
        long base = addressOf(here) + offset;
        try {
            for (long done = 0; done < length; ) {
                vector(0, base + done, length - done);
                vector(THERE, address + done, length - done);
                long moved = writes
                        ? LibC.process_vm_writev(pid, vectors, 1, vectors + THERE, 1, 0)
                        : LibC.process_vm_readv(pid, vectors, 1, vectors + THERE, 1, 0);
                if (moved <= 0) { // less than asked for ends at the first byte that cannot be reached
                    return moved < 0 ? -Native.getLastError() : -Errno.EFAULT;
                }
                done += moved;
            }
            return 0;
        } finally {
            Reference.reachabilityFence(here);
            Reference.reachabilityFence(this);
        }
    }

    @SuppressWarnings("ReferenceEquality") // equal buffers are elsewhere
    private long addressOf(ByteBuffer buffer) {
        if (buffer != last) {
            lastAddress = Os.addressOf(buffer);
            last = buffer;
        }
        return lastAddress;
    }

    private void vector(int at, long base, long length) {
        memory.putLong(at, base);
        memory.putLong(at + LENGTH, length);
    }
}
