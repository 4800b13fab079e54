package org.rddma.verbs.internal.ring;

/**
 * The memory of a completion queue: three words on cache lines of their own, which stay as long as the queue; and the
 * entries, which resizing replaces.
 *
 * <pre>
 *    0  producer position (8) | consumer position as the producer last saw it (8)
 *  128  consumer position (8)
 *  256  arm word (4)
 *
 * an entry, 64 bytes:
 *    0            4        5        6         8                16             20
 *    | generation | status | opcode | flags   | work request id | byte length  | immediate |
 *   24            28                32             36           38           40   41     42
 *    | queue pair | source queue pair | vendor error | P_Key index | source LID | SL | path | unused |
 *   48                               56
 *    | raw time stamp                | wall clock time stamp |
 * </pre>
 *
 * <p>The generation of the entry at position p is p / capacity + 1. It is written last, with release, and read first,
 * with acquire: an entry is there exactly when its generation is the expected one. The first round's predecessor is
 * thus what fresh memory is: zero.
 *
 * <p>Fields that the queue was made without are never written, and stay zero.
 */
final class CompletionEntryDescriptor {
    static final int PRODUCER_POSITION = 0;
    static final int CACHED_CONSUMER_POSITION = 8;
    static final int CONSUMER_POSITION = 128;
    static final int ARM = 256;
    static final int CONTROL_BYTES = 384;

    static final int ENTRY_BYTES = 64;
    static final int ENTRY_SHIFT = 6;

    static final int GENERATION = 0;
    static final int KIND = 4;
    static final int WR_ID = 8;
    static final int BYTE_LENGTH = 16;
    static final int IMMEDIATE = 20;
    static final int QUEUE_PAIR = 24;
    static final int SOURCE_QUEUE_PAIR = 28;
    static final int VENDOR_ERROR = 32;
    static final int PKEY_AND_LID = 36;
    static final int LEVEL_AND_PATH = 40;
    static final int RAW_TIME = 48;
    static final int WALL_TIME = 56;

    private CompletionEntryDescriptor() {}

    static int kind(int status, int opcode, int flags) {
        return status | opcode << 8 | flags << 16;
    }

    static int status(int kind) {
        return kind & 0xFF;
    }

    static int opcode(int kind) {
        return kind >>> 8 & 0xFF;
    }

    static int flags(int kind) {
        return kind >>> 16;
    }

    static int pkeyAndLid(int pkeyIndex, int lid) {
        return pkeyIndex & 0xFFFF | lid << 16;
    }

    static int pkeyIndex(int word) {
        return word & 0xFFFF;
    }

    static int lid(int word) {
        return word >>> 16;
    }

    static int levelAndPath(int serviceLevel, int pathBits) {
        return serviceLevel & 0xFF | (pathBits & 0xFF) << 8;
    }

    static int serviceLevel(int word) {
        return word & 0xFF;
    }

    static int pathBits(int word) {
        return word >>> 8 & 0xFF;
    }
}
