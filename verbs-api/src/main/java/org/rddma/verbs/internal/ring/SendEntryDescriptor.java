package org.rddma.verbs.internal.ring;

/**
 * An entry of a send queue: 64 bytes, then the elements (16 bytes each) or the inline data.
 *
 * <pre>
 *    0        1       2          4             8                 16           20
 *    | opcode | flags | elements | data bytes  | work request id | immediate  | unused |
 *   24                       32                     40                48
 *    | remote address        | remote key | SRQ no. | compare or add  | swap                  | RC, UC, XRC
 *    | remote address        | remote key | unused  | length          | placement, level      | FLUSH
 *    | address to be shown   | new key    | lkey    | length          | rights                | BIND_MW
 *    | remote qp | Q_Key     | GID, first half      | GID, second half| way: see below        | UD
 *
 *   way:  GID index (8) | hop limit (8) | traffic class (8) | service level (8) | flow label (32)
 *
 *   64, 80, ...
 *    | address (8) | length (4) | local key (4) |
 * </pre>
 */
public final class SendEntryDescriptor {
    /** Opcode (8 bits), flags (8), elements (16). */
    public static final int KIND = 0;
    /** Bytes of data, unsigned. */
    public static final int DATA_BYTES = 4;
    /** Work request id. */
    public static final int WR_ID = 8;
    /** Immediate data. */
    public static final int IMMEDIATE = 16;
    /** Remote address. */
    public static final int REMOTE_ADDRESS = 24;
    /** Remote key. */
    public static final int REMOTE_KEY = 32;
    /** Shared receive queue of an extended reliable connection. */
    public static final int SHARED_RECEIVE_QUEUE = 36;
    /** Local key of the region that a window is bound to. */
    public static final int BOUND_KEY = 36;
    /** First operand of an atomic; how much is flushed, or shown by a window. */
    public static final int COMPARE_ADD = 40;
    /** Second operand of an atomic; how and how far to flush; what peers may do through a window. */
    public static final int SWAP = 48;
    /** Remote queue pair of a datagram. */
    public static final int REMOTE_QUEUE_PAIR = 24;
    /** Q_Key of a datagram. */
    public static final int REMOTE_QKEY = 28;
    /** First half of a datagram's GID. */
    public static final int GID_HIGH = 32;
    /** Second half of a datagram's GID. */
    public static final int GID_LOW = 40;
    /** The rest of a datagram's address vector. */
    public static final int WAY = 48;
    /** The elements, or the inline data. */
    public static final int DATA = 64;

    /** Bytes of one element. */
    public static final int ELEMENT_BYTES = 16;
    /** Address of an element. */
    public static final int ELEMENT_ADDRESS = 0;
    /** Length of an element. */
    public static final int ELEMENT_LENGTH = 8;
    /** Local key of an element. */
    public static final int ELEMENT_LKEY = 12;

    private SendEntryDescriptor() {}

    /** The size of an entry: a multiple of 64. */
    public static int entryBytes(int maxElements, int maxInline) {
        return DATA + (Math.max(maxElements * ELEMENT_BYTES, maxInline) + 63 & -64);
    }

    /** Packs opcode, flags and the number of elements. */
    public static int kind(int opcode, int flags, int elements) {
        return opcode | flags << 8 | elements << 16;
    }

    /** The opcode of a kind. */
    public static int opcode(int kind) {
        return kind & 0xFF;
    }

    /** The flags of a kind. */
    public static int flags(int kind) {
        return kind >>> 8 & 0xFF;
    }

    /** The number of elements of a kind. */
    public static int elements(int kind) {
        return kind >>> 16;
    }

    /** Packs the rest of an address vector. */
    public static long way(int gidIndex, int hopLimit, int trafficClass, int serviceLevel, int flowLabel) {
        return gidIndex | hopLimit << 8 | trafficClass << 16 | (long) serviceLevel << 24 | (long) flowLabel << 32;
    }

    /** The GID index of a way. */
    public static int gidIndex(long way) {
        return (int) way & 0xFF;
    }

    /** The hop limit of a way. */
    public static int hopLimit(long way) {
        return (int) (way >>> 8) & 0xFF;
    }

    /** The traffic class of a way. */
    public static int trafficClass(long way) {
        return (int) (way >>> 16) & 0xFF;
    }

    /** The service level of a way. */
    public static int serviceLevel(long way) {
        return (int) (way >>> 24) & 0xFF;
    }

    /** The flow label of a way. */
    public static int flowLabel(long way) {
        return (int) (way >>> 32);
    }
}
