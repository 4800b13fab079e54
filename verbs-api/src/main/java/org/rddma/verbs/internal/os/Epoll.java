package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** An epoll(7) instance that watches descriptors. For one thread at a time. */
public final class Epoll implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EPOLLIN = 1;
    private static final int EPOLLOUT = 4;
    private static final int EPOLLET = 1 << 31;

    /*
     * struct epoll_event is packed on x86-64 only:  0             4 or 8
     *                                               | int events  | data (8) |
     */
    private static final int DATA =
            System.getProperty("os.arch").toLowerCase(Locale.ROOT).matches("amd64|x86_64") ? 4 : 8;
    private static final int BYTES = DATA + 8;

    private final int fd;
    private final ByteBuffer memory;
    private final long address;
    private final int maxEvents;
    private boolean closed;

    /**
     * A new instance.
     *
     * @param maxEvents how many are reported by one wait
     */
    public Epoll(int maxEvents) {
        Os.ensureAvailable("epoll");
        this.maxEvents = maxEvents;
        memory = ByteBuffer.allocateDirect(maxEvents * BYTES).order(ByteOrder.nativeOrder());
        address = Os.addressOf(memory);
        fd = check(LibC.epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    }

    /**
     * Watches a descriptor for something to read.
     *
     * @param watched the descriptor
     * @param edgeTriggered true to be told of each change only once
     * @param data comes back in {@link #data}
     */
    public void add(int watched, boolean edgeTriggered, long data) {
        watch(watched, false, true, false, edgeTriggered, data);
    }

    /**
     * Watches a descriptor, level-triggered, or changes for what.
     *
     * @param watched the descriptor
     * @param known whether it is watched already
     * @param reading whether for something to read
     * @param writing whether for room
     * @param data comes back in {@link #data}
     */
    public void watch(int watched, boolean known, boolean reading, boolean writing, long data) {
        watch(watched, known, reading, writing, false, data);
    }

    /**
     * Watches a descriptor, or changes for what. One that is ready already is reported by the next wait, also when it
     * is edge-triggered.
     *
     * @param watched the descriptor
     * @param known whether it is watched already
     * @param reading whether for something to read
     * @param writing whether for room
     * @param edgeTriggered true to be told of each change only once
     * @param data comes back in {@link #data}
     */
    public void watch(int watched, boolean known, boolean reading, boolean writing, boolean edgeTriggered, long data) {
        memory.putInt(0, (reading ? EPOLLIN : 0) | (writing ? EPOLLOUT : 0) | (edgeTriggered ? EPOLLET : 0));
        memory.putLong(DATA, data);
        check(LibC.epoll_ctl(fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watched, address), "epoll_ctl");
    }

    /**
     * For what the last wait reported a descriptor.
     *
     * @param index below the last wait's result
     * @return whether it is readable, or its other end is closed
     */
    public boolean isReadable(int index) {
        return (memory.getInt(index * BYTES) & ~EPOLLOUT) != 0;
    }

    /**
     * For what the last wait reported a descriptor.
     *
     * @param index below the last wait's result
     * @return whether it has room, or its other end is closed
     */
    public boolean isWritable(int index) {
        return (memory.getInt(index * BYTES) & ~EPOLLIN) != 0;
    }

    /**
     * Watches a descriptor no more.
     *
     * @param watched the descriptor
     */
    public void remove(int watched) {
        check(LibC.epoll_ctl(fd, EPOLL_CTL_DEL, watched, address), "epoll_ctl");
    }

    /**
     * Waits until a descriptor is readable.
     *
     * @param timeoutMillis how long; negative for ever
     * @return how many are ready; 0 after the timeout or a signal
     */
    public int await(int timeoutMillis) {
        int ready = LibC.epoll_wait(fd, address, maxEvents, timeoutMillis);
        if (ready < 0 && Native.getLastError() == Errno.EINTR) {
            return 0;
        }
        return check(ready, "epoll_wait"); // keeps the memory reachable
    }

    /**
     * The data of a descriptor that the last wait reported.
     *
     * @param index below the last wait's result
     * @return what {@link #add} was given
     */
    public long data(int index) {
        return memory.getLong(index * BYTES + DATA);
    }

    private int check(int result, String function) {
        try {
            if (result < 0) {
                throw new VerbsException(function, Native.getLastError(), "the system call failed");
            }
            return result;
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            int unused = LibC.close(fd);
        }
    }
}
