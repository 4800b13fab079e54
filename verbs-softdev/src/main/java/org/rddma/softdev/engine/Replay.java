package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.MASK_24;

/**
 * A read, or another request that has an answer of its own: what was asked for, to know it again when it comes
 * twice, and how much of the answer is still to be sent. Reused.
 */
final class Replay {
    /** What was asked for: an operation of {@link org.rddma.softdev.link.roce.Opcodes}. */
    int operation;

    int firstPsn;
    int packets;
    int key;
    long address;
    long length;

    /** Of an atomic. */
    long found;

    /** As of when it was carried out: what the answer says, however late it is sent. */
    int messages;

    /** Where it is in the order of all. */
    long position;

    // what is still to be sent

    boolean isPending;
    boolean isRepeated;
    boolean isAtFirst;
    int psn;
    long from;
    long left;

    /** Whether a request that came again is for some of this read. */
    boolean covers(int itsPsn, int itsPackets, int itsKey, long itsAddress, long itsLength) {
        int skipped = itsPsn - firstPsn & MASK_24;
        long offset = itsAddress - address;
        return itsKey == key
                && skipped + itsPackets <= packets
                && offset >= 0
                && offset <= length
                && itsLength <= length - offset;
    }

    /** Whether all of a range is still to be sent anyway. */
    boolean willSend(int itsPsn, long itsAddress, long itsLength) {
        return isPending
                && (itsPsn - firstPsn & MASK_24) >= (psn - firstPsn & MASK_24)
                && itsAddress - from + itsLength <= left;
    }

    /** The next packet of the answer was sent, with so many bytes. */
    void sent(int bytes) {
        psn = psn + 1 & MASK_24;
        from += bytes;
        left -= bytes;
        isAtFirst = false;
    }
}
