package org.rddma.verbs.internal.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory for a few datagrams, and the arguments of sendmmsg(2) and recvmmsg(2) for them. For one thread at a time;
 * nothing is allocated once it is made.
 *
 * <p>Addresses are 16 bytes, those of IPv4 mapped into IPv6 (::ffff:a.b.c.d), whatever the family of the socket.
 */
public final class DatagramBatch {
    /*
     * Of each datagram, in one array: struct mmsghdr
     *    0 name (8) | 8 length of it (4) | 16 iov (8) | 24 how many (8) | 32 control (8) | 40 length of it (8)
     *   48 flags (4) | 56 bytes received (4)
     * and in another array, to which that points:
     *    0 struct iovec: base (8) | 8 length (8)
     *   16 struct sockaddr_in:  family (2) | 18 port (2) | 20 address (4)
     *      struct sockaddr_in6: family (2) | 18 port (2) | 20 flow (4) | 24 address (16) | 40 scope (4)
     *   48 struct cmsghdr, twice: length (8) | 56 level (4) | 60 type (4) | 64 value, and padding to 8 bytes
     */
    private static final int HEADER_SHIFT = 6;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTORS = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int RECEIVED = 56;

    private static final int DETAIL_BYTES = 128;
    private static final int BASE = 0;
    private static final int LENGTH = 8;
    private static final int FAMILY = 16;
    private static final int PORT = 18;
    private static final int ADDRESS_4 = 20;
    private static final int ADDRESS_6 = 24;
    private static final int CONTROLS = 48;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_VALUE = 16;
    private static final int CONTROL_SPACE = 24;
    private static final int CONTROL_BYTES = CONTROL_VALUE + Integer.BYTES;
    private static final int CONTROL_ROOM = DETAIL_BYTES - CONTROLS;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCKADDR_IN_BYTES = 16;
    private static final int SOCKADDR_IN6_BYTES = 28;
    private static final int IPPROTO_IP = 0;
    private static final int IP_TOS = 1;
    private static final int IP_TTL = 2;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_HOPLIMIT = 52;
    private static final int IPV6_TCLASS = 67;
    private static final int UNKNOWN = -1;

    private static final long MAPPED = 0xFFFFL << 32;
    private static final int CACHE_LINE = 64;

    private final int slots;
    private final int slotBytes;
    private final boolean version6;
    private final int details;
    private final ByteBuffer memory;
    private final ByteBuffer arguments;
    private final ByteBuffer bigEndian; // the same
    private final long address;
    private final long dataAddress;

    /**
     * Room for some datagrams.
     *
     * @param slots how many
     * @param slotBytes of each, a multiple of 64
     * @param version6 whether they are of IPv6
     * @param verb on whose behalf
     */
    public DatagramBatch(int slots, int slotBytes, boolean version6, String verb) {
        this.slots = slots;
        this.slotBytes = slotBytes;
        this.version6 = version6;
        memory = Os.allocate((long) slots * slotBytes, CACHE_LINE, verb).order(ByteOrder.BIG_ENDIAN);
        details = slots << HEADER_SHIFT;
        arguments = Os.allocate(details + (long) slots * DETAIL_BYTES, CACHE_LINE, verb);
        bigEndian = arguments.duplicate().order(ByteOrder.BIG_ENDIAN);
        address = Os.addressOf(arguments);
        dataAddress = Os.addressOf(memory);
        for (int slot = 0; slot < slots; slot++) {
            int header = slot << HEADER_SHIFT;
            int detail = detail(slot);
            arguments.putLong(header + NAME, name(slot));
            arguments.putLong(header + VECTOR, address + detail + BASE);
            arguments.putLong(header + VECTORS, 1);
            arguments.putLong(header + CONTROL, address + detail + CONTROLS);
            arguments.putLong(detail + BASE, data(slot));
            arguments.putShort(detail + FAMILY, (short) (version6 ? AF_INET6 : AF_INET));
        }
    }

    private int detail(int slot) {
        return details + slot * DETAIL_BYTES;
    }

    /**
     * How many datagrams there is room for.
     *
     * @return slots
     */
    public int slots() {
        return slots;
    }

    /**
     * Where the datagrams are.
     *
     * @return direct, big-endian
     */
    public ByteBuffer memory() {
        return memory;
    }

    /**
     * Where a datagram is.
     *
     * @param slot which
     * @return offset into the memory
     */
    public int start(int slot) {
        return slot * slotBytes;
    }

    /** The argument for all slots from one on; the caller keeps this object reachable. */
    long messages(int slot) {
        return address + ((long) slot << HEADER_SHIFT);
    }

    long name(int slot) {
        return address + detail(slot) + FAMILY;
    }

    int nameBytes() {
        return version6 ? SOCKADDR_IN6_BYTES : SOCKADDR_IN_BYTES;
    }

    long data(int slot) {
        return dataAddress + start(slot);
    }

    // ---- to send

    long bytes(int slot) {
        return arguments.getLong(detail(slot) + LENGTH);
    }

    boolean isMarked(int slot) {
        return arguments.getLong((slot << HEADER_SHIFT) + CONTROL_LENGTH) != 0;
    }

    /**
     * Describes a datagram that is sent, with what the socket says for all.
     *
     * @param slot where it is
     * @param bytes of it
     * @param high first half of the address where it goes
     * @param low second half of it
     * @param port where it goes
     */
    public void describe(int slot, int bytes, long high, long low, int port) {
        int header = slot << HEADER_SHIFT;
        int detail = detail(slot);
        arguments.putLong(detail + LENGTH, bytes);
        bigEndian.putShort(detail + PORT, (short) port);
        if (version6) {
            bigEndian.putLong(detail + ADDRESS_6, high);
            bigEndian.putLong(detail + ADDRESS_6 + 8, low);
        } else {
            bigEndian.putInt(detail + ADDRESS_4, (int) low);
        }
        arguments.putInt(header + NAME_LENGTH, nameBytes());
        arguments.putLong(header + CONTROL_LENGTH, 0);
    }

    /**
     * Sends a datagram with values of its own. After {@link #describe}.
     *
     * @param slot where it is
     * @param trafficClass 0 to 255
     * @param hopLimit 1 to 255
     */
    public void mark(int slot, int trafficClass, int hopLimit) {
        int detail = detail(slot);
        control(detail + CONTROLS, version6 ? IPV6_TCLASS : IP_TOS, trafficClass);
        control(detail + CONTROLS + CONTROL_SPACE, version6 ? IPV6_HOPLIMIT : IP_TTL, hopLimit);
        arguments.putLong((slot << HEADER_SHIFT) + CONTROL_LENGTH, 2 * CONTROL_SPACE);
    }

    private void control(int at, int type, int value) {
        arguments.putLong(at, CONTROL_BYTES);
        arguments.putInt(at + CONTROL_LEVEL, version6 ? IPPROTO_IPV6 : IPPROTO_IP);
        arguments.putInt(at + CONTROL_TYPE, type);
        arguments.putInt(at + CONTROL_VALUE, value);
    }

    // ---- received

    /** Makes the first slots ready to be received into. */
    void prepare(int count) {
        for (int slot = 0; slot < count; slot++) {
            int header = slot << HEADER_SHIFT;
            arguments.putInt(header + NAME_LENGTH, SOCKADDR_IN6_BYTES);
            arguments.putLong(header + CONTROL_LENGTH, CONTROL_ROOM);
            arguments.putLong(detail(slot) + LENGTH, slotBytes);
        }
    }

    /** One was received alone. */
    void received(long bytes) {
        arguments.putInt(RECEIVED, (int) bytes);
    }

    /**
     * Whether a datagram is there.
     *
     * @param slot below what was received
     * @return false when it only says that the socket was woken
     */
    public boolean isDatagram(int slot) {
        return arguments.getInt((slot << HEADER_SHIFT) + NAME_LENGTH) > 0;
    }

    /**
     * How long a datagram was.
     *
     * @param slot where it is
     * @return bytes; more than the slot has when only its beginning was kept
     */
    public int length(int slot) {
        return arguments.getInt((slot << HEADER_SHIFT) + RECEIVED);
    }

    /**
     * From where a datagram came.
     *
     * @param slot where it is
     * @return first half of the address
     */
    public long sourceHigh(int slot) {
        return version6 ? bigEndian.getLong(detail(slot) + ADDRESS_6) : 0;
    }

    /**
     * From where a datagram came.
     *
     * @param slot where it is
     * @return second half of the address
     */
    public long sourceLow(int slot) {
        int detail = detail(slot);
        return version6
                ? bigEndian.getLong(detail + ADDRESS_6 + 8)
                : MAPPED | Integer.toUnsignedLong(bigEndian.getInt(detail + ADDRESS_4));
    }

    /**
     * From where a datagram came.
     *
     * @param slot where it is
     * @return UDP port
     */
    public int sourcePort(int slot) {
        return Short.toUnsignedInt(bigEndian.getShort(detail(slot) + PORT));
    }

    /**
     * The traffic class that a datagram had.
     *
     * @param slot where it is
     * @return 0 to 255; 0 when the system did not tell
     */
    public int trafficClass(int slot) {
        int told = received(slot, version6 ? IPV6_TCLASS : IP_TOS);
        if (told == UNKNOWN) {
            return 0;
        }
        return version6 ? arguments.getInt(told) & 0xFF : arguments.get(told) & 0xFF;
    }

    /**
     * The hop limit that a datagram had.
     *
     * @param slot where it is
     * @return 0 to 255; 0 when the system did not tell
     */
    public int hopLimit(int slot) {
        int told = received(slot, version6 ? IPV6_HOPLIMIT : IP_TTL);
        return told == UNKNOWN ? 0 : arguments.getInt(told) & 0xFF;
    }

    private int received(int slot, int type) {
        int at = detail(slot) + CONTROLS;
        long length = Math.min(arguments.getLong((slot << HEADER_SHIFT) + CONTROL_LENGTH), CONTROL_ROOM);
        int end = at + (int) length;
        while (at + CONTROL_VALUE < end) {
            if (arguments.getInt(at + CONTROL_TYPE) == type) { // nothing else than those of this family was asked for
                return at + CONTROL_VALUE;
            }
            at += (int) Math.max(CONTROL_SPACE, arguments.getLong(at) + 7 & -8);
        }
        return UNKNOWN;
    }
}
