package org.rddma.verbs.internal.os;

import com.sun.jna.Native;

/** The C functions that are called, by direct mapping with primitives only: addresses and size_t are longs. */
final class LibC {
    static {
        Native.register(LibC.class, "c");
    }

    private LibC() {}

    static native int eventfd(int initial, int flags);

    static native int eventfd_write(int fd, long value);

    static native int eventfd_read(int fd, long valueAddress);

    static native int close(int fd);

    static native int poll(long pollfds, long count, int timeoutMillis);

    static native int epoll_create1(int flags);

    static native int epoll_ctl(int epollFd, int operation, int fd, long eventAddress);

    static native int epoll_wait(int epollFd, long eventsAddress, int maxEvents, int timeoutMillis);

    static native int sched_setaffinity(int pid, long maskBytes, long maskAddress);

    static native int sched_getaffinity(int pid, long maskBytes, long maskAddress);
}
