package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** The argument of poll(2): a few descriptors to wait on. For one thread at a time. */
public final class PollSet {
    /*
     * struct pollfd:  0        4         6         8
     *                 | int fd | events  | revents |
     */
    private static final int BYTES = 8;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;

    private final ByteBuffer memory;
    private final long address;
    private final int count;

    /**
     * A set of so many descriptors.
     *
     * @param count how many
     */
    public PollSet(int count) {
        this.count = count;
        memory = ByteBuffer.allocateDirect(count * BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            put(i, -1, (short) 0);
        }
        address = Os.addressOf(memory);
    }

    /**
     * Puts a descriptor into the set.
     *
     * @param index where
     * @param fd the descriptor; negative to leave the place out
     */
    public void set(int index, int fd) {
        put(index, fd, POLLIN);
    }

    /**
     * Puts a descriptor into the set.
     *
     * @param index where
     * @param fd the descriptor; negative to leave the place out
     * @param forWriting to wait for room rather than for something to read
     */
    public void set(int index, int fd, boolean forWriting) {
        put(index, fd, forWriting ? POLLOUT : POLLIN);
    }

    /**
     * Puts a descriptor into the set of which only is asked whether its other end is closed.
     *
     * @param index where
     * @param fd the descriptor; negative to leave the place out
     */
    public void setHangUp(int index, int fd) {
        put(index, fd, (short) 0);
    }

    private void put(int index, int fd, short events) {
        memory.putInt(index * BYTES, fd);
        memory.putShort(index * BYTES + EVENTS, events);
        memory.putShort(index * BYTES + REVENTS, (short) 0);
    }

    /**
     * Waits until one is readable.
     *
     * @param timeoutMillis how long; negative for ever
     * @return how many are ready; 0 after the timeout or a signal
     */
    public int poll(int timeoutMillis) {
        try {
            int ready = LibC.poll(address, count, timeoutMillis);
            int errno = ready < 0 ? Native.getLastError() : 0;
            if (ready < 0 && errno != Errno.EINTR) {
                throw new VerbsException("poll", errno, "poll(2) failed");
            }
            return Math.max(0, ready);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * Whether the last poll found a descriptor ready.
     *
     * @param index which
     * @return true when it is readable or in error
     */
    public boolean isReady(int index) {
        return memory.getShort(index * BYTES + REVENTS) != 0;
    }
}
