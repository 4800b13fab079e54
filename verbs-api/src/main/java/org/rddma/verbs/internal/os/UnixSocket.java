package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A Unix socket that keeps messages apart ({@code SOCK_SEQPACKET}), and can carry a descriptor with each.
 *
 * <p>One thread at a time may send, one may receive, both at once. Closed exactly once; whoever closes it makes sure
 * that no other thread is in a call on it. Nothing here waits: poll(2) does.
 */
public final class UnixSocket {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_PEEK = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int OWNER_ONLY = 0600;
    private static final int SUN_PATH = 2;
    private static final int SUN_PATH_BYTES = 108;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** How long to wait for one that listens to take those who have come before. */
    public static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** In place of a descriptor: none. */
    public static final int NONE = -1;

    private final int fd;
    private final boolean peerNamed;
    private final Message sending = new Message();
    private final Message receiving = new Message();
    private final AtomicBoolean closed = new AtomicBoolean();

    private UnixSocket(int fd, boolean peerNamed) {
        this.fd = fd;
        this.peerNamed = peerNamed;
    }

    /**
     * Closes a descriptor that came with a message.
     *
     * @param descriptor of which nobody else knows
     */
    public static void closeDescriptor(int descriptor) {
        int unused = LibC.close(descriptor);
    }

    /** The arguments of sendmsg(2) and recvmsg(2): one piece of data, room for one descriptor. */
    private static final class Message {
        /*
         * struct msghdr:   0 name (8) | 8 length of it (4) | 16 iov (8) | 24 how many (8) | 32 control (8)
         *                  40 length of it (8) | 48 flags (4)
         * struct iovec:   56 base (8) | 64 length (8)
         * struct cmsghdr: 72 length (8) | 80 level (4) | 84 type (4) | 88 descriptor (4)
         */
        private static final int VECTOR = 16;
        private static final int VECTORS = 24;
        private static final int CONTROL = 32;
        private static final int CONTROL_LENGTH = 40;
        private static final int FLAGS = 48;
        private static final int BASE = 56;
        private static final int LENGTH = 64;
        private static final int RIGHTS = 72;
        private static final int LEVEL = 80;
        private static final int TYPE = 84;
        private static final int DESCRIPTOR = 88;
        private static final int RIGHTS_BYTES = 20;
        private static final int BYTES = 96;

        private final ByteBuffer memory = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
        private final long address = Os.addressOf(memory);

        /** The buffer that was used last, and where it is: asking JNA allocates. */
        private ByteBuffer data;

        private long dataAddress;

        Message() {
            memory.putLong(VECTOR, address + BASE);
            memory.putLong(VECTORS, 1);
        }

        /** Points to the data; the room for a descriptor is exactly one, so that the system gives no second one. */
        void prepare(long data, long length, boolean rights) {
            memory.putLong(BASE, data);
            memory.putLong(LENGTH, length);
            memory.putLong(CONTROL, rights ? address + RIGHTS : 0);
            memory.putLong(CONTROL_LENGTH, rights ? RIGHTS_BYTES : 0);
            memory.putInt(FLAGS, 0);
        }

        @SuppressWarnings("ReferenceEquality") // equal buffers are elsewhere
        long addressOf(ByteBuffer buffer) {
            if (buffer != data) {
                dataAddress = Os.addressOf(buffer);
                data = buffer;
            }
            return dataAddress;
        }

        void carry(int descriptor) {
            memory.putLong(RIGHTS, RIGHTS_BYTES);
            memory.putInt(LEVEL, SOL_SOCKET);
            memory.putInt(TYPE, SCM_RIGHTS);
            memory.putInt(DESCRIPTOR, descriptor);
        }

        int carried() {
            boolean any = memory.getLong(CONTROL_LENGTH) >= RIGHTS_BYTES
                    && memory.getInt(LEVEL) == SOL_SOCKET
                    && memory.getInt(TYPE) == SCM_RIGHTS;
            return any ? memory.getInt(DESCRIPTOR) : NONE;
        }
    }

    /**
     * Two sockets that are connected to each other.
     *
     * @param verb on whose behalf
     * @return both
     */
    public static UnixSocket[] pair(String verb) {
        Os.ensureAvailable(verb);
        ByteBuffer pair = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        int unused = check(
                LibC.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, Os.addressOf(pair)), verb, "socketpair");
        return new UnixSocket[] {new UnixSocket(pair.getInt(0), false), new UnixSocket(pair.getInt(4), false)};
    }

    /**
     * A socket that others of the same user can connect to.
     *
     * @param path where no file is yet
     * @param backlog how many may wait to be accepted
     * @param verb on whose behalf
     * @return the socket
     * @throws VerbsException EADDRINUSE (98) when there is a file; EINVAL when the path is too long
     */
    public static UnixSocket listen(Path path, int backlog, String verb) {
        ByteBuffer address = address(path, verb);
        UnixSocket socket = open(SOCK_NONBLOCK, verb);
        try {
            requireDone(LibC.fchmod(socket.fd, OWNER_ONLY), verb, path); // bind takes it over for the file
            requireDone(LibC.bind(socket.fd, Os.addressOf(address), address.capacity()), verb, path);
            requireDone(LibC.listen(socket.fd, backlog), verb, path);
            return socket;
        } catch (VerbsException e) {
            socket.close();
            throw e;
        } finally {
            Reference.reachabilityFence(address);
        }
    }

    /**
     * Connects. While too many others wait to be accepted, tries again for some seconds.
     *
     * @param path where someone listens
     * @param verb on whose behalf
     * @return the socket
     * @throws VerbsException ENOENT when there is no file; ECONNREFUSED (111) when nobody listens; ETIMEDOUT (110) when
     *     who listens accepts nobody; EINTR when the thread is interrupted meanwhile, whose status stays
     */
    public static UnixSocket connect(Path path, String verb) {
        return connect(path, PATIENCE_NANOS, false, verb);
    }

    /**
     * Connects with a name of its own, whatever it is: by that alone the other end can tell two kinds of connections
     * apart before anything is said.
     *
     * @param path where someone listens
     * @param verb on whose behalf
     * @return the socket
     * @throws VerbsException as {@link #connect(Path, String)}
     */
    public static UnixSocket connectNamed(Path path, String verb) {
        return connect(path, PATIENCE_NANOS, true, verb);
    }

    /**
     * Connects, and waits no longer than told while too many others wait already: connect(2) itself could not be woken.
     *
     * @param path where someone listens
     * @param patienceNanos how long
     * @param verb on whose behalf
     * @return the socket
     * @throws VerbsException as {@link #connect(Path, String)}
     */
    public static UnixSocket connect(Path path, long patienceNanos, String verb) {
        return connect(path, patienceNanos, false, verb);
    }

    private static UnixSocket connect(Path path, long patienceNanos, boolean named, String verb) {
        ByteBuffer address = address(path, verb);
        UnixSocket socket = open(SOCK_NONBLOCK, verb); // a blocking call could be woken by nobody
        try {
            if (named) { // an address that is nothing but the family asks the system for a name that nobody has
                requireDone(LibC.bind(socket.fd, Os.addressOf(address), SUN_PATH), verb, path);
            }
            long start = System.nanoTime();
            while (LibC.connect(socket.fd, Os.addressOf(address), address.capacity()) < 0) {
                int errno = Native.getLastError();
                if (errno != Errno.EAGAIN) {
                    throw new VerbsException(verb, errno, "no connection at " + path);
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new VerbsException(verb, Errno.EINTR, "interrupted while connecting to " + path);
                }
                if (System.nanoTime() - start >= patienceNanos) {
                    throw new VerbsException(verb, Errno.ETIMEDOUT, "whoever listens at " + path + " accepts nobody");
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            socket.nonBlocking(false);
            return socket;
        } catch (VerbsException e) {
            socket.close();
            throw e;
        } finally {
            Reference.reachabilityFence(address);
        }
    }

    private static UnixSocket open(int flags, String verb) {
        int fd = check(LibC.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0), verb, "no socket");
        return new UnixSocket(fd, false);
    }

    private static ByteBuffer address(Path path, String verb) {
        Os.ensureAvailable(verb);
        byte[] text = path.toString().getBytes(StandardCharsets.UTF_8);
        if (text.length == 0 || text.length >= SUN_PATH_BYTES) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "a socket's path has 1 to " + (SUN_PATH_BYTES - 1) + " bytes, not " + text.length + ": " + path);
        }
        return ByteBuffer.allocateDirect(SUN_PATH + text.length + 1)
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_UNIX)
                .put(text)
                .rewind();
    }

    /**
     * Takes the next one who has connected.
     *
     * @return null when there is none now
     * @throws VerbsException EMFILE and what else the system says
     */
    public UnixSocket accept() {
        ByteBuffer peer = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()); // family (2), length at 4 (4)
        peer.putInt(4, SUN_PATH);
        long at = Os.addressOf(peer);
        int accepted = LibC.accept4(fd, at, at + 4, SOCK_CLOEXEC);
        if (accepted < 0) {
            int errno = Native.getLastError();
            boolean none = errno == Errno.EAGAIN || errno == Errno.EINTR || errno == 103; // gone again: ECONNABORTED
            if (none) {
                return null;
            }
            throw new VerbsException("accept", errno, "the connection cannot be taken");
        }
        return new UnixSocket(accepted, peer.getInt(4) > SUN_PATH);
    }

    /**
     * How the other end has connected.
     *
     * @return true for a socket that was accepted from {@link #connectNamed}
     */
    public boolean isPeerNamed() {
        return peerNamed;
    }

    /**
     * The descriptor.
     *
     * @return its number
     */
    public int fd() {
        return fd;
    }

    /**
     * Sets or clears {@code O_NONBLOCK}, for those who use the descriptor by themselves.
     *
     * @param nonBlocking whether to set it
     */
    public void nonBlocking(boolean nonBlocking) {
        int flags = check(LibC.fcntl(fd, F_GETFL, 0), "fcntl", "no flags");
        int changed = nonBlocking ? flags | SOCK_NONBLOCK : flags & ~SOCK_NONBLOCK;
        int unused = check(LibC.fcntl(fd, F_SETFL, changed), "fcntl", "the flags cannot be set");
    }

    /**
     * The process at the other end when it connected.
     *
     * @return its number
     */
    public int peerPid() {
        ByteBuffer memory = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder()); // ucred (12), length (4)
        memory.putInt(12, 12);
        long at = Os.addressOf(memory);
        int unused = check(LibC.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, at, at + 12), "open", "the peer is unknown");
        return memory.getInt(0);
    }

    /**
     * Sends one message.
     *
     * @param data direct
     * @param offset of the first byte
     * @param length in bytes
     * @param descriptor goes with it; {@link #NONE} for none
     * @return the length; or the negative errno: -EAGAIN without room, -EPIPE (32) when the other end is closed
     */
    public int send(ByteBuffer data, int offset, int length, int descriptor) {
        int unused = Objects.checkFromIndexSize(offset, length, data.capacity());
        int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
        try {
            return result(send(sending.addressOf(data) + offset, length, flags, descriptor));
        } finally {
            Reference.reachabilityFence(data);
        }
    }

    private long send(long from, int length, int flags, int descriptor) {
        if (descriptor == NONE) {
            return LibC.send(fd, from, length, flags);
        }
        sending.prepare(from, length, true);
        sending.carry(descriptor);
        return LibC.sendmsg(fd, sending.address, flags);
    }

    private static int result(long returned) {
        return returned < 0 ? -Native.getLastError() : (int) returned;
    }

    /**
     * Receives one message, and no descriptor: those that come with it are dropped by the system.
     *
     * @param into direct
     * @param offset where to
     * @param length at most
     * @return its length, which is more than fitted when it was cut; 0 at the end, or for an empty message; or the
     *     negative errno: -EAGAIN without a message
     */
    public int receive(ByteBuffer into, int offset, int length) {
        return receive(into, offset, length, 0);
    }

    /**
     * Looks at the next message, and leaves it where it is.
     *
     * @param into direct
     * @param offset where to
     * @param length at most
     * @return as {@link #receive}
     */
    public int peek(ByteBuffer into, int offset, int length) {
        return receive(into, offset, length, MSG_PEEK);
    }

    private int receive(ByteBuffer into, int offset, int length, int flags) {
        int unused = Objects.checkFromIndexSize(offset, length, into.capacity());
        long to = receiving.addressOf(into) + offset;
        try {
            return result(LibC.recv(fd, to, length, MSG_TRUNC | MSG_DONTWAIT | flags));
        } finally {
            Reference.reachabilityFence(into);
        }
    }

    /**
     * Receives one message and the descriptor that comes with it, which {@link #takeDescriptor} tells.
     *
     * @param into direct
     * @param offset where to
     * @param length at most
     * @return as {@link #receive}
     */
    public int receiveWithDescriptor(ByteBuffer into, int offset, int length) {
        int unused = Objects.checkFromIndexSize(offset, length, into.capacity());
        receiving.prepare(receiving.addressOf(into) + offset, length, true);
        receiving.memory.putLong(Message.RIGHTS, 0);
        receiving.memory.putInt(Message.TYPE, 0);
        int flags = MSG_TRUNC | MSG_CMSG_CLOEXEC | MSG_DONTWAIT;
        try {
            int received = result(LibC.recvmsg(fd, receiving.address, flags));
            if (received < 0) {
                receiving.memory.putLong(Message.CONTROL_LENGTH, 0);
            }
            return received;
        } finally {
            Reference.reachabilityFence(into);
        }
    }

    /**
     * Whether a descriptor came with the last message that {@link #receiveWithDescriptor} received, and this process
     * has no room for it.
     *
     * @return true when {@link #takeDescriptor} has none although one was sent
     */
    public boolean lostDescriptor() {
        return (receiving.memory.getInt(Message.FLAGS) & MSG_CTRUNC) != 0 && receiving.carried() == NONE;
    }

    /**
     * The descriptor that came with the last message.
     *
     * @return {@link #NONE} when none did; otherwise the caller closes it
     */
    public int takeDescriptor() {
        int taken = receiving.carried();
        receiving.memory.putLong(Message.CONTROL_LENGTH, 0);
        return taken;
    }

    /** Closes it, once. */
    public void close() {
        if (closed.compareAndSet(false, true)) {
            int unused = LibC.close(fd);
        }
    }

    private static void requireDone(int result, String verb, Path path) {
        int unused = check(result, verb, "no connection at " + path);
    }

    private static int check(int result, String verb, String sentence) {
        if (result < 0) {
            throw new VerbsException(verb, Native.getLastError(), sentence);
        }
        return result;
    }
}
