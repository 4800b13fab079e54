package org.rddma.softdev.link.roce;

/**
 * Where the fields of a packet are, from its base transport header on; all of them big-endian.
 *
 * <pre>
 *    BTH   0 opcode | 1 SE (1) M (1) pad (2) version (4) | 2 P_Key (16) | 4 FECN BECN (2) 0 (6) | 5 destination (24)
 *          8 A (1) 0 (7) | 9 PSN (24)
 *    DETH  +0 Q_Key (32) | +4 0 (8) | +5 source queue pair (24)
 *    RETH  +0 address (64) | +8 key (32) | +12 length (32)
 *    AtomicETH     +0 address (64) | +8 key (32) | +12 swap or add (64) | +20 compare (64)
 *    AETH          +0 syndrome (8) | +1 MSN (24)
 *    AtomicAckETH  +0 value (64)
 *    ImmDt, IETH   +0 (32)
 *    FETH  +0 selectivity (bits 4 and 5), placement (bits 0 to 3)
 * </pre>
 */
public final class PacketFormat {
    /** Where packets go, on every host. */
    public static final int UDP_PORT = 4791;

    /** Offset of the byte with the operation. */
    public static final int OPCODE = 0;
    /** Offset of the byte with the flags. */
    public static final int FLAGS = 1;
    /** In the flags: the receiver's completion is solicited. */
    public static final int SOLICITED = 0x80;
    /** In the flags: how many bytes of padding. */
    public static final int PAD = 0x30;
    /** In the flags: how far to shift the padding. */
    public static final int PAD_SHIFT = 4;
    /** In the flags: the header's version, which is 0. */
    public static final int VERSION = 0x0F;
    /** Offset of the partition key. */
    public static final int P_KEY = 2;
    /** Offset of the byte with the congestion marks, and of the word that ends with the destination. */
    public static final int DESTINATION = 4;
    /** In the byte of the congestion marks: this packet met congestion. */
    public static final int FECN = 0x80;
    /** In the byte of the congestion marks: a packet of the receiver met congestion. */
    public static final int BECN = 0x40;
    /** Offset of the word with the sequence number. */
    public static final int PSN = 8;
    /** In the word with the sequence number: an acknowledgement is asked for. */
    public static final int ACK_REQUEST = 1 << 31;
    /** Of the base transport header. */
    public static final int BTH_BYTES = 12;
    /** Of the datagram header. */
    public static final int DETH_BYTES = 8;
    /** Of the header of a remote operation. */
    public static final int RETH_BYTES = 16;
    /** Offset in the header of a remote operation. */
    public static final int RETH_KEY = 8;
    /** Offset in the header of a remote operation. */
    public static final int RETH_LENGTH = 12;
    /** Of the header of an atomic operation. */
    public static final int ATOMIC_BYTES = 28;
    /** Offset in the header of an atomic operation. */
    public static final int ATOMIC_KEY = 8;
    /** Offset in the header of an atomic operation: what is swapped in, or added. */
    public static final int ATOMIC_OPERAND = 12;
    /** Offset in the header of an atomic operation. */
    public static final int ATOMIC_COMPARE = 20;
    /** Of the header of an answer. */
    public static final int AETH_BYTES = 4;
    /** Of the result of an atomic operation. */
    public static final int ATOMIC_ACK_BYTES = 8;
    /** Of immediate data. */
    public static final int IMMEDIATE_BYTES = 4;
    /** Of the key that a send invalidates. */
    public static final int IETH_BYTES = 4;
    /** Of the header of a flush, which stands before that of the remote operation. */
    public static final int FETH_BYTES = 4;
    /** In the header of a flush: where it is to be placed. */
    public static final int FETH_PLACEMENT = 0x0F;
    /** In the header of a flush, how far to shift for what is to be flushed. */
    public static final int FETH_LEVEL_SHIFT = 4;
    /** In the header of a flush, after the shift: what is to be flushed. */
    public static final int FETH_LEVEL = 0x03;
    /** Of the check sum at the end. */
    public static final int ICRC_BYTES = 4;

    /** Bits of sequence numbers and queue pair numbers. */
    public static final int MASK_24 = 0xFFFFFF;
    /** The destination of datagrams to a group. */
    public static final int MULTICAST = 0xFFFFFF;

    /** First bits of a syndrome: an acknowledgement, with credits. */
    public static final int SYNDROME_ACK = 0x00;
    /** First bits of a syndrome: the receiver is not ready; the others are the code of a time. */
    public static final int SYNDROME_RNR = 0x20;
    /** The first bits of a syndrome. */
    public static final int SYNDROME_KIND = 0xE0;
    /** The other bits of a syndrome: of an acknowledgement, no limit of credits. */
    public static final int UNLIMITED_CREDITS = 0x1F;
    /** A whole syndrome: a packet is missing. */
    public static final int NAK_SEQUENCE = 0x60;
    /** A whole syndrome: the request is invalid. */
    public static final int NAK_INVALID_REQUEST = 0x61;
    /** A whole syndrome: the key, the right or the range is wrong. */
    public static final int NAK_REMOTE_ACCESS = 0x62;
    /** A whole syndrome: the responder could not carry it out. */
    public static final int NAK_REMOTE_OPERATION = 0x63;

    private PacketFormat() {}

    /**
     * How far one sequence number is ahead of another.
     *
     * @param psn 24 bits
     * @param other 24 bits
     * @return -2^23 to 2^23 - 1
     */
    public static int distance(int psn, int other) {
        return (psn - other) << 8 >> 8;
    }
}
