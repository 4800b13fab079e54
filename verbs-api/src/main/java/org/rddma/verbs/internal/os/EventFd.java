package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.rddma.verbs.VerbsException;

/**
 * An eventfd(2), closed exactly once. Whoever closes it makes sure that no other thread is in a call on it: its
 * number may belong to someone else a moment later.
 */
public final class EventFd {
    private static final int EFD_SEMAPHORE = 1;
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;

    /** Where reads put a value that nobody looks at: threads may share it. */
    private static final ByteBuffer IGNORED_VALUE = ByteBuffer.allocateDirect(8);

    private static final long IGNORED_ADDRESS = Os.addressOf(IGNORED_VALUE);

    private final int fd;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EventFd(int flags, String verb) {
        fd = LibC.eventfd(0, flags | EFD_CLOEXEC);
        if (fd < 0) {
            int errno = Native.getLastError();
            throw new VerbsException(
                    verb, errno, "no event descriptor: close some files, or raise the limit (ulimit -n)");
        }
    }

    /**
     * A non-blocking descriptor whose reads take one from its count.
     *
     * @param verb on whose behalf
     * @return a new descriptor with count 0
     */
    public static EventFd semaphore(String verb) {
        return new EventFd(EFD_SEMAPHORE | EFD_NONBLOCK, verb);
    }

    /**
     * A non-blocking descriptor whose reads take the whole count.
     *
     * @param verb on whose behalf
     * @return a new descriptor with count 0
     */
    public static EventFd counter(String verb) {
        return new EventFd(EFD_NONBLOCK, verb);
    }

    /**
     * A blocking descriptor whose reads take the whole count.
     *
     * @param verb on whose behalf
     * @return a new descriptor with count 0
     */
    public static EventFd blocking(String verb) {
        return new EventFd(0, verb);
    }

    /**
     * Its number.
     *
     * @return the descriptor
     */
    public int fd() {
        return fd;
    }

    /** Adds one to the count. */
    public void signal() {
        // fails only when the count is at its limit of 2^64-2: then the descriptor is readable all the same
        int unused = LibC.eventfd_write(fd, 1);
    }

    /**
     * Adds to the count.
     *
     * @param count unsigned, up to 2^64-2; a blocking descriptor waits for room
     */
    public void add(long count) {
        int unused = LibC.eventfd_write(fd, count);
    }

    /**
     * Adds one to the count of a descriptor that came from elsewhere, and never waits: it is made non-blocking, for all
     * who share it. Whatever else it is than an eventfd gets eight bytes, if it takes them.
     *
     * @param descriptor open during the call
     */
    public static void signal(int descriptor) {
        int flags = LibC.fcntl(descriptor, F_GETFL, 0);
        if (flags < 0 || (flags & EFD_NONBLOCK) == 0 && LibC.fcntl(descriptor, F_SETFL, flags | EFD_NONBLOCK) < 0) {
            return; // a write could wait for ever
        }
        int unused = LibC.eventfd_write(descriptor, 1);
    }

    /**
     * Takes from the count.
     *
     * @return false when it is 0 and the descriptor does not block, or when a signal interrupted the wait
     */
    public boolean take() {
        return LibC.eventfd_read(fd, IGNORED_ADDRESS) == 0;
    }

    /** Closes it, once. */
    public void close() {
        if (closed.compareAndSet(false, true)) {
            int unused = LibC.close(fd);
        }
    }
}
