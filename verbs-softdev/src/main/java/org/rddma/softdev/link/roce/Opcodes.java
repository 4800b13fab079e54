package org.rddma.softdev.link.roce;

import static org.rddma.softdev.link.roce.PacketFormat.*;

/** What the operation of a packet means: its transport service in the three first bits, what it does in the others. */
public final class Opcodes {
    /** Transport service: reliable connection. */
    public static final int RC = 0x00;
    /** Transport service: unreliable connection. */
    public static final int UC = 0x20;
    /** Transport service: datagrams. */
    public static final int UD = 0x60;
    /** The bits of the transport service. */
    public static final int TRANSPORT = 0xE0;
    /** A whole operation: tells a sender that its packets met congestion. */
    public static final int CNP = 0x81;

    /** Operation, of the packet that begins a message. */
    public static final int SEND_FIRST = 0x00;
    /** Operation. */
    public static final int SEND_MIDDLE = 0x01;
    /** Operation. */
    public static final int SEND_LAST = 0x02;
    /** Operation. */
    public static final int SEND_LAST_IMMEDIATE = 0x03;
    /** Operation. */
    public static final int SEND_ONLY = 0x04;
    /** Operation. */
    public static final int SEND_ONLY_IMMEDIATE = 0x05;
    /** Operation. */
    public static final int WRITE_FIRST = 0x06;
    /** Operation. */
    public static final int WRITE_MIDDLE = 0x07;
    /** Operation. */
    public static final int WRITE_LAST = 0x08;
    /** Operation. */
    public static final int WRITE_LAST_IMMEDIATE = 0x09;
    /** Operation. */
    public static final int WRITE_ONLY = 0x0A;
    /** Operation. */
    public static final int WRITE_ONLY_IMMEDIATE = 0x0B;
    /** Operation. */
    public static final int READ_REQUEST = 0x0C;
    /** Operation, of a response. */
    public static final int READ_RESPONSE_FIRST = 0x0D;
    /** Operation, of a response. */
    public static final int READ_RESPONSE_MIDDLE = 0x0E;
    /** Operation, of a response. */
    public static final int READ_RESPONSE_LAST = 0x0F;
    /** Operation, of a response. */
    public static final int READ_RESPONSE_ONLY = 0x10;
    /** Operation, of a response. */
    public static final int ACKNOWLEDGE = 0x11;
    /** Operation, of a response. */
    public static final int ATOMIC_ACKNOWLEDGE = 0x12;
    /** Operation. */
    public static final int COMPARE_SWAP = 0x13;
    /** Operation. */
    public static final int FETCH_ADD = 0x14;
    /** Operation. */
    public static final int SEND_LAST_INVALIDATE = 0x16;
    /** Operation. */
    public static final int SEND_ONLY_INVALIDATE = 0x17;
    /** Operation. */
    public static final int FLUSH = 0x1C;
    /** Operation. */
    public static final int ATOMIC_WRITE = 0x1D;

    private static final int FIRST = 1 << 8;
    private static final int LAST = 1 << 9;
    private static final int RESPONSE = 1 << 10;
    private static final int PAYLOAD = 1 << 11;
    private static final int KNOWN = 1 << 12;
    private static final int TAKES_RECEIVE = 1 << 13;
    private static final int HEADER_BYTES = 0xFF;

    /** By operation, what it is like; 0 where there is none. */
    private static final short[] TABLE = table();

    private Opcodes() {}

    private static short[] table() {
        short[] table = new short[256];
        int whole = FIRST | LAST;
        for (int service : new int[] {RC, UC}) {
            put(table, service | SEND_FIRST, 0, FIRST | PAYLOAD | TAKES_RECEIVE);
            put(table, service | SEND_MIDDLE, 0, PAYLOAD);
            put(table, service | SEND_LAST, 0, LAST | PAYLOAD);
            put(table, service | SEND_LAST_IMMEDIATE, IMMEDIATE_BYTES, LAST | PAYLOAD);
            put(table, service | SEND_ONLY, 0, whole | PAYLOAD | TAKES_RECEIVE);
            put(table, service | SEND_ONLY_IMMEDIATE, IMMEDIATE_BYTES, whole | PAYLOAD | TAKES_RECEIVE);
            put(table, service | WRITE_FIRST, RETH_BYTES, FIRST | PAYLOAD);
            put(table, service | WRITE_MIDDLE, 0, PAYLOAD);
            put(table, service | WRITE_LAST, 0, LAST | PAYLOAD);
            put(table, service | WRITE_LAST_IMMEDIATE, IMMEDIATE_BYTES, LAST | PAYLOAD | TAKES_RECEIVE);
            put(table, service | WRITE_ONLY, RETH_BYTES, whole | PAYLOAD);
            put(table, service | WRITE_ONLY_IMMEDIATE, RETH_BYTES + IMMEDIATE_BYTES, whole | PAYLOAD | TAKES_RECEIVE);
        }
        put(table, READ_REQUEST, RETH_BYTES, whole);
        put(table, READ_RESPONSE_FIRST, AETH_BYTES, FIRST | RESPONSE | PAYLOAD);
        put(table, READ_RESPONSE_MIDDLE, 0, RESPONSE | PAYLOAD);
        put(table, READ_RESPONSE_LAST, AETH_BYTES, LAST | RESPONSE | PAYLOAD);
        put(table, READ_RESPONSE_ONLY, AETH_BYTES, whole | RESPONSE | PAYLOAD);
        put(table, ACKNOWLEDGE, AETH_BYTES, whole | RESPONSE);
        put(table, ATOMIC_ACKNOWLEDGE, AETH_BYTES + ATOMIC_ACK_BYTES, whole | RESPONSE);
        put(table, COMPARE_SWAP, ATOMIC_BYTES, whole);
        put(table, FETCH_ADD, ATOMIC_BYTES, whole);
        put(table, SEND_LAST_INVALIDATE, IETH_BYTES, LAST | PAYLOAD);
        put(table, SEND_ONLY_INVALIDATE, IETH_BYTES, whole | PAYLOAD | TAKES_RECEIVE);
        put(table, FLUSH, FETH_BYTES + RETH_BYTES, whole);
        put(table, ATOMIC_WRITE, RETH_BYTES, whole | PAYLOAD);
        put(table, UD | SEND_ONLY, DETH_BYTES, whole | PAYLOAD | TAKES_RECEIVE);
        put(table, UD | SEND_ONLY_IMMEDIATE, DETH_BYTES + IMMEDIATE_BYTES, whole | PAYLOAD | TAKES_RECEIVE);
        put(table, CNP, 0, whole | PAYLOAD);
        return table;
    }

    private static void put(short[] table, int opcode, int extensionBytes, int flags) {
        table[opcode] = (short) (KNOWN | flags | BTH_BYTES + extensionBytes);
    }

    /**
     * Whether there is such an operation.
     *
     * @param opcode 0 to 255
     * @return false when a packet with it can only be dropped
     */
    public static boolean isKnown(int opcode) {
        return TABLE[opcode] != 0;
    }

    /**
     * How long the headers are.
     *
     * @param opcode a known one
     * @return bytes from the base transport header to the payload
     */
    public static int headerBytes(int opcode) {
        return TABLE[opcode] & HEADER_BYTES;
    }

    /**
     * Whether a packet begins a message.
     *
     * @param opcode a known one
     * @return true for first and only packets
     */
    public static boolean isFirst(int opcode) {
        return (TABLE[opcode] & FIRST) != 0;
    }

    /**
     * Whether a packet ends a message.
     *
     * @param opcode a known one
     * @return true for last and only packets
     */
    public static boolean isLast(int opcode) {
        return (TABLE[opcode] & LAST) != 0;
    }

    /**
     * Whether a packet goes to a requester.
     *
     * @param opcode a known one
     * @return false for requests
     */
    public static boolean isResponse(int opcode) {
        return (TABLE[opcode] & RESPONSE) != 0;
    }

    /**
     * Whether a packet may carry data.
     *
     * @param opcode a known one
     * @return false where only headers are right
     */
    public static boolean mayCarryPayload(int opcode) {
        return (TABLE[opcode] & PAYLOAD) != 0;
    }

    /**
     * Whether a packet needs a receive that is posted.
     *
     * @param opcode a known one
     * @return true for those packets that take one
     */
    public static boolean takesReceive(int opcode) {
        return (TABLE[opcode] & TAKES_RECEIVE) != 0;
    }

    /**
     * The operation without its transport service.
     *
     * @param opcode 0 to 255
     * @return 0 to 31
     */
    public static int operation(int opcode) {
        return opcode & ~TRANSPORT;
    }
}
