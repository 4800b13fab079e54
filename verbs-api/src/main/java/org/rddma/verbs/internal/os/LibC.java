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

    static native int socketpair(int domain, int type, int protocol, long pairAddress);

    static native int socket(int domain, int type, int protocol);

    static native int bind(int fd, long address, int length);

    static native int listen(int fd, int backlog);

    static native int accept4(int fd, long address, long lengthAddress, int flags);

    static native int connect(int fd, long address, int length);

    static native int getsockopt(int fd, int level, int option, long value, long lengthAddress);

    static native int shutdown(int fd, int how);

    static native int setsockopt(int fd, int level, int option, long value, int length);

    static native int getsockname(int fd, long address, long lengthAddress);

    static native long send(int fd, long data, long length, int flags);

    static native long sendto(int fd, long data, long length, int flags, long address, int addressLength);

    static native long recv(int fd, long data, long length, int flags);

    static native long sendmsg(int fd, long message, int flags);

    static native long recvmsg(int fd, long message, int flags);

    static native int sendmmsg(int fd, long messages, int count, int flags);

    static native int recvmmsg(int fd, long messages, int count, int flags, long timeoutAddress);

    static native int open(long path, int flags);

    static native long read(int fd, long data, long length);

    static native long write(int fd, long data, long length);

    static native int fcntl(int fd, int command, long argument);

    static native int fchmod(int fd, int mode);

    static native int flock(int fd, int operation);

    static native int memfd_create(long name, int flags);

    static native int ftruncate(int fd, long length);

    static native int posix_fallocate(int fd, long offset, long length);

    static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

    static native int munmap(long address, long length);

    static native long process_vm_readv(
            int pid, long local, long localCount, long remote, long remoteCount, long flags);

    static native long process_vm_writev(
            int pid, long local, long localCount, long remote, long remoteCount, long flags);

    static native int sched_getcpu();

    static native int sched_setaffinity(int pid, long maskBytes, long maskAddress);

    static native int sched_getaffinity(int pid, long maskBytes, long maskAddress);

    /** Any system call: unused arguments are 0. */
    static native long syscall(long number, long a, long b, long c, long d, long e);
}
