package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.MASK_24;
import static org.rddma.softdev.link.roce.PacketFormat.distance;

import org.rddma.verbs.internal.ring.WorkRing;

/**
 * Which packets are under way, and which comes next.
 *
 * <pre>
 *    entries      executed            position            begun        posted
 *             -------|-------------------|-------------------|------------|---
 *                    | sent              | to be sent again  | not begun  |
 *    packets     ------|--------------|----------------|-----------------------
 *                 acknowledged     sequence         highest
 * </pre>
 *
 * Sequence numbers are counted in 64 bits, so that they can be compared; on the wire are the 24 lowest. Each entry has
 * the numbers from {@link #first} to before {@link #end}; a read has those of its responses. The oldest entry, the next
 * to be executed, is the one that {@link #acknowledged} lies in, as long as there is one that is begun.
 */
final class Flight {
    private final WorkRing ring;
    private final long[] firsts;
    private final long[] ends;

    /** The first number that the peer has not acknowledged. */
    private long acknowledged;

    /** The entry whose packet is sent next. */
    private long position;

    /** The number that is sent next. */
    private long sequence;

    /** Behind the last number that was ever sent. */
    private long highest;

    /** Behind the last entry that has numbers. */
    private long begun;

    Flight(WorkRing ring) {
        this.ring = ring;
        firsts = new long[ring.capacity()];
        ends = new long[ring.capacity()];
    }

    /** Numbers packets from here on. */
    void connect(int firstPsn) {
        acknowledged = firstPsn & MASK_24;
        sequence = acknowledged;
        highest = acknowledged;
        forgetEntries();
    }

    /** Nothing is under way any more; what was executed is left out. */
    void forgetEntries() {
        position = ring.lpExecuted();
        begun = position;
        acknowledged = highest;
        sequence = highest;
    }

    long position() {
        return position;
    }

    long sequence() {
        return sequence;
    }

    long acknowledged() {
        return acknowledged;
    }

    long begun() {
        return begun;
    }

    int psn() {
        return (int) sequence & MASK_24;
    }

    long first(long entry) {
        return firsts[ring.slot(entry)];
    }

    long end(long entry) {
        return ends[ring.slot(entry)];
    }

    boolean hasUnacknowledged() {
        return acknowledged < highest;
    }

    int underWay() {
        return (int) (sequence - acknowledged);
    }

    /** The number that a packet of the peer means; may be one that was never sent. */
    long numberOf(int psn) {
        return acknowledged + distance(psn, (int) acknowledged & MASK_24);
    }

    /** Whether a packet with this number is under way. */
    boolean isUnderWay(long number) {
        return number >= acknowledged && number < highest;
    }

    /** Gives the next entry its numbers. */
    void begin(long packets) {
        int slot = ring.slot(position);
        firsts[slot] = highest;
        ends[slot] = highest + packets;
        begun = position + 1;
    }

    /** So many numbers of the entry are sent. */
    void sent(long packets) {
        sequence += packets;
        highest = Math.max(highest, sequence);
        if (sequence == end(position)) {
            position++;
        }
    }

    /** All before a number is acknowledged. The caller executes the entries that end there, and then {@link #catchUp}. */
    void acknowledge(long before) {
        acknowledged = Math.max(acknowledged, before);
    }

    /** What was acknowledged although it was to be sent again is not sent again. */
    void catchUp() {
        if (sequence < acknowledged) {
            sequence = acknowledged;
            position = ring.lpExecuted();
        }
    }

    /** Everything that is not acknowledged is to be sent again. */
    void goBack() {
        sequence = acknowledged;
        position = ring.lpExecuted();
    }

    /** An entry without packets is executed. */
    void skip() {
        position++;
        begun = position;
    }
}
