package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A UDP socket that sends and receives many datagrams with one call. Only {@link #await} waits.
 *
 * <p>Safe for use by several threads, each with a batch of its own. Closed exactly once; whoever closes it makes
 * sure that no other thread is in a call on it.
 */
public final class UdpSocket {
    /** Errno: datagrams of this size cannot be sent there. */
    public static final int EMSGSIZE = 90;
    /** Errno: another socket has the address and the port. */
    public static final int EADDRINUSE = 98;
    /** Errno: the address is none of this host. */
    public static final int EADDRNOTAVAIL = 99;
    /** Errno: the system has no buffer just now. */
    public static final int ENOBUFS = 105;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SHUT_RD = 0;

    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_MEMINFO = 55;
    private static final int IPPROTO_IP = 0;
    private static final int IP_TTL = 2;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_RECVTTL = 12;
    private static final int IP_RECVTOS = 13;
    private static final int IP_MULTICAST_IF = 32;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_ADD_MEMBERSHIP = 35;
    private static final int IP_DROP_MEMBERSHIP = 36;
    private static final int IP_MULTICAST_ALL = 49;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MULTICAST_IF = 17;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_ADD_MEMBERSHIP = 20;
    private static final int IPV6_DROP_MEMBERSHIP = 21;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_MULTICAST_ALL = 29;
    private static final int IPV6_RECVHOPLIMIT = 51;
    private static final int IPV6_RECVTCLASS = 66;
    private static final int PMTUDISC_DO = 2;
    private static final int IPPROTO_UDP = 17;
    private static final int UDP_NO_CHECK6_RX = 102;

    private static final int ADDRESS_BYTES = 16;
    private static final int SCRATCH_BYTES = 64;
    private static final int LENGTH_AT = 32;

    /** What SO_MEMINFO tells: numbers of 4 bytes, of which the ninth is how many were dropped. */
    private static final int FACTS_BYTES = 36;

    private static final int DROPPED_AT = 32;
    private static final int FACTS_LENGTH_AT = 40;

    private final int fd;
    private final ByteBuffer facts; // made early: who closes a socket can do without memory
    private final long factsAddress;
    private final boolean version6;
    private final String verb;
    private final AtomicBoolean closed = new AtomicBoolean();

    private UdpSocket(int fd, boolean version6, ByteBuffer facts, String verb) {
        this.fd = fd;
        this.facts = facts;
        factsAddress = Os.addressOf(facts);
        this.version6 = version6;
        this.verb = verb;
    }

    /**
     * A socket that is bound.
     *
     * @param high first half of the address
     * @param low second half of the address; one of IPv4 is mapped
     * @param scope number of the interface where the address is; 0 where it means the same on all
     * @param port where; 0 for any
     * @param shared whether others that say the same may have the same address and port: of a multicast group
     * @param verb on whose behalf
     * @return to be closed
     * @throws VerbsException with the errno of bind(2), and a sentence that names no address
     */
    public static UdpSocket open(long high, long low, int scope, int port, boolean shared, String verb) {
        Os.ensureAvailable(verb);
        boolean version6 = high != 0 || low >>> 32 != 0xFFFF;
        int family = version6 ? AF_INET6 : AF_INET;
        ByteBuffer facts = scratch();
        int fd = LibC.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new VerbsException(
                    verb, Native.getLastError(), "no socket: close some files, or raise the limit (ulimit -n)");
        }
        UdpSocket socket = new UdpSocket(fd, version6, facts, verb);
        try {
            if (version6) {
                socket.set(IPPROTO_IPV6, IPV6_V6ONLY, 1);
            }
            if (shared) {
                socket.set(SOL_SOCKET, SO_REUSEADDR, 1);
            }
            socket.bind(family, high, low, scope, port);
            return socket;
        } catch (RuntimeException | Error e) { // also without memory
            socket.close();
            throw e;
        }
    }

    private void bind(int family, long high, long low, int scope, int port) {
        ByteBuffer name = scratch();
        name.putShort(0, (short) family);
        name.order(ByteOrder.BIG_ENDIAN).putShort(2, (short) port);
        if (version6) {
            name.putLong(8, high).putLong(16, low);
            name.order(ByteOrder.nativeOrder()).putInt(24, scope);
        } else {
            name.putInt(4, (int) low);
        }
        try {
            if (LibC.bind(fd, Os.addressOf(name), version6 ? 28 : 16) < 0) {
                throw new VerbsException(verb, Native.getLastError(), "the address cannot be used");
            }
        } finally {
            Reference.reachabilityFence(name);
        }
    }

    private static ByteBuffer scratch() {
        return ByteBuffer.allocateDirect(SCRATCH_BYTES).order(ByteOrder.nativeOrder());
    }

    private void set(int level, int option, int value) {
        require(trySet(level, option, value), level, option);
    }

    private boolean trySet(int level, int option, int value) {
        return trySet(level, option, scratch().putInt(0, value), Integer.BYTES);
    }

    private boolean trySet(int level, int option, ByteBuffer value, int length) {
        try {
            return LibC.setsockopt(fd, level, option, Os.addressOf(value), length) == 0;
        } finally {
            Reference.reachabilityFence(value);
        }
    }

    private void require(boolean done, int level, int option) {
        if (!done) {
            throw new VerbsException(
                    verb,
                    Native.getLastError(),
                    "this system lacks the socket option " + option + " of level " + level);
        }
    }

    private int get(int level, int option) {
        ByteBuffer value = scratch().putInt(LENGTH_AT, Integer.BYTES);
        long at = Os.addressOf(value);
        try {
            require(LibC.getsockopt(fd, level, option, at, at + LENGTH_AT) == 0, level, option);
            return value.getInt(0);
        } finally {
            Reference.reachabilityFence(value);
        }
    }

    /**
     * Sets the socket up to receive: traffic class and hop limit are told with each datagram, and one of IPv6 needs
     * no check sum.
     *
     * @param bufferBytes how much the system should keep; it may be less
     */
    public void setUpToReceive(int bufferBytes) {
        if (!trySet(SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes)) { // which needs the right to it, and has no limit
            set(SOL_SOCKET, SO_RCVBUF, bufferBytes);
        }
        if (version6) {
            set(IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
            set(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
            set(IPPROTO_UDP, UDP_NO_CHECK6_RX, 1);
        } else {
            set(IPPROTO_IP, IP_RECVTOS, 1);
            set(IPPROTO_IP, IP_RECVTTL, 1);
        }
    }

    /**
     * How much the system keeps, by its own way to count.
     *
     * @return bytes
     */
    public int receiveBufferBytes() {
        return get(SOL_SOCKET, SO_RCVBUF);
    }

    /**
     * How many datagrams the system has dropped since the socket was opened: because it kept as many as it may, or
     * because UDP's check sum was wrong. Not by two threads at once.
     *
     * @return 0 where the system does not tell
     */
    public long dropped() {
        facts.putInt(FACTS_LENGTH_AT, FACTS_BYTES);
        long length = factsAddress + FACTS_LENGTH_AT;
        boolean told = LibC.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, factsAddress, length) == 0
                && facts.getInt(FACTS_LENGTH_AT) >= FACTS_BYTES;
        return told ? Integer.toUnsignedLong(facts.getInt(DROPPED_AT)) : 0;
    }

    /**
     * Sets the socket up to send: datagrams are never fragmented, and the identification in a header of IPv4 is 0.
     *
     * @param hopLimit of those datagrams that say nothing else
     * @param interfaceNumber through which those to multicast groups leave
     * @param bufferBytes how much the system should take before it must be waited for
     */
    public void setUpToSend(int hopLimit, int interfaceNumber, int bufferBytes) {
        set(SOL_SOCKET, SO_SNDBUF, bufferBytes);
        if (version6) {
            set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DO);
            set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, hopLimit);
            set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hopLimit);
            set(IPPROTO_IPV6, IPV6_MULTICAST_IF, interfaceNumber);
        } else {
            set(IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DO);
            set(IPPROTO_IP, IP_TTL, hopLimit);
            set(IPPROTO_IP, IP_MULTICAST_TTL, hopLimit);
            ByteBuffer membership = scratch().putInt(8, interfaceNumber);
            require(trySet(IPPROTO_IP, IP_MULTICAST_IF, membership, 12), IPPROTO_IP, IP_MULTICAST_IF);
        }
    }

    /**
     * Becomes a member of a multicast group, to which the socket is bound, and takes the group's datagrams from one
     * interface only.
     *
     * @param high first half of the group's address
     * @param low second half of it
     * @param interfaceNumber where
     */
    public void join(long high, long low, int interfaceNumber) {
        boolean unused =
                version6 ? trySet(IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) : trySet(IPPROTO_IP, IP_MULTICAST_ALL, 0);
        if (!changeMembership(IPV6_ADD_MEMBERSHIP, IP_ADD_MEMBERSHIP, high, low, interfaceNumber)) {
            throw new VerbsException(verb, Native.getLastError(), "the system does not let this host join the group");
        }
    }

    /**
     * Is a member no more.
     *
     * @param high first half of the group's address
     * @param low second half of it
     * @param interfaceNumber where
     */
    public void leave(long high, long low, int interfaceNumber) {
        boolean unused = changeMembership(IPV6_DROP_MEMBERSHIP, IP_DROP_MEMBERSHIP, high, low, interfaceNumber);
    }

    private boolean changeMembership(int option6, int option4, long high, long low, int interfaceNumber) {
        ByteBuffer group = scratch();
        if (version6) { // struct ipv6_mreq: group (16) | interface (4)
            group.order(ByteOrder.BIG_ENDIAN).putLong(0, high).putLong(8, low);
            group.order(ByteOrder.nativeOrder()).putInt(ADDRESS_BYTES, interfaceNumber);
            return trySet(IPPROTO_IPV6, option6, group, ADDRESS_BYTES + Integer.BYTES);
        }
        group.order(ByteOrder.BIG_ENDIAN).putInt(0, (int) low); // struct ip_mreqn: group (4) | own (4) | interface (4)
        group.order(ByteOrder.nativeOrder()).putInt(8, interfaceNumber);
        return trySet(IPPROTO_IP, option4, group, 12);
    }

    /**
     * The port that it is bound to.
     *
     * @return its number
     */
    public int localPort() {
        ByteBuffer name = scratch().putInt(LENGTH_AT, LENGTH_AT);
        long at = Os.addressOf(name);
        try {
            if (LibC.getsockname(fd, at, at + LENGTH_AT) < 0) {
                throw new VerbsException(verb, Native.getLastError(), "the socket has no name");
            }
            return Short.toUnsignedInt(name.order(ByteOrder.BIG_ENDIAN).getShort(2));
        } finally {
            Reference.reachabilityFence(name);
        }
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
     * Sends datagrams, until the system takes no more.
     *
     * @param batch that they are described in, for this family
     * @param first slot
     * @param count how many
     * @return how many were sent, or the negative errno why the first was not: {@link Errno#EAGAIN} when there is
     *     no room
     */
    public int send(DatagramBatch batch, int first, int count) {
        try {
            int sent = count == 1
                    ? sendOne(batch, first)
                    : LibC.sendmmsg(fd, batch.messages(first), count, MSG_DONTWAIT | MSG_NOSIGNAL);
            return sent < 0 ? -Native.getLastError() : sent;
        } finally {
            Reference.reachabilityFence(batch);
        }
    }

    /** The fewer arguments the system has to read, the sooner one is gone. */
    private int sendOne(DatagramBatch batch, int slot) {
        int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
        long done = batch.isMarked(slot)
                ? LibC.sendmsg(fd, batch.messages(slot), flags)
                : LibC.sendto(fd, batch.data(slot), batch.bytes(slot), flags, batch.name(slot), batch.nameBytes());
        return done < 0 ? -1 : 1;
    }

    /**
     * Receives as many datagrams as are there, and as there are slots.
     *
     * @param batch where to, from its first slot on, for this family
     * @param used how many slots were changed since the batch was received into last; all of them at first
     * @return how many came, or the negative errno why none did: {@link Errno#EAGAIN} when there is none
     */
    public int receive(DatagramBatch batch, int used) {
        batch.prepare(used);
        try {
            int received = LibC.recvmmsg(fd, batch.messages(0), batch.slots(), MSG_DONTWAIT | MSG_TRUNC, 0);
            return received < 0 ? -Native.getLastError() : received;
        } finally {
            Reference.reachabilityFence(batch);
        }
    }

    /**
     * Waits for a datagram, as long as {@link #setPatience} said or until {@link #wake}, and receives that one
     * only, sooner than {@link #receive} would.
     *
     * @param batch where to: its first slot
     * @param used as of {@link #receive}
     * @return as of {@link #receive}; 0 after it was woken
     */
    public int await(DatagramBatch batch, int used) {
        batch.prepare(used);
        try {
            long bytes = LibC.recvmsg(fd, batch.messages(0), MSG_TRUNC);
            if (bytes < 0) {
                return -Native.getLastError();
            }
            batch.received(bytes);
            return batch.isDatagram(0) ? 1 : 0;
        } finally {
            Reference.reachabilityFence(batch);
        }
    }

    /**
     * Sets how long {@link #await} waits.
     *
     * @param millis more than 0
     */
    public void setPatience(int millis) {
        ByteBuffer timeval = scratch().putLong(0, millis / 1000).putLong(8, millis % 1000 * 1000L);
        require(trySet(SOL_SOCKET, SO_RCVTIMEO, timeval, 16), SOL_SOCKET, SO_RCVTIMEO);
    }

    /** Lets nobody wait for a datagram any more. */
    public void wake() {
        int unused = LibC.shutdown(fd, SHUT_RD); // says that there is no connection, and does it
    }

    /** Closes it, once. */
    public void close() {
        if (closed.compareAndSet(false, true)) {
            int unused = LibC.close(fd);
        }
    }
}
