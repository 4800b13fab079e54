package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.MASK_24;

import org.rddma.softdev.link.roce.Opcodes;

/**
 * The last requests that have answers of their own, in the order in which they came. Answers are sent in this order
 * too, the oldest that is pending first; and an old request that comes again is pending again, in its old place, so
 * that what came after it is answered after it. When the table is full, the oldest is forgotten.
 */
final class ReplayTable {
    private Replay[] ring = new Replay[0];

    /** Positions: those kept are from {@code end - ring.length} on. */
    private long end;

    private long begin;

    /** None before it is pending. */
    private long firstPending;

    private int unanswered;

    /** Forgets all, and keeps so many from now on. */
    void reset(int capacity) {
        if (ring.length != capacity) {
            ring = new Replay[capacity];
            for (int i = 0; i < capacity; i++) {
                ring[i] = new Replay();
            }
        }
        clear();
    }

    /** Keeps at least so many from now on: more were negotiated since. */
    void reserve(int capacity) {
        if (capacity > ring.length) {
            Replay[] before = ring;
            ring = new Replay[capacity];
            for (int i = 0; i < capacity; i++) {
                long position = begin + i;
                ring[(int) (position % capacity)] =
                        i < before.length ? before[(int) (position % before.length)] : new Replay();
            }
        }
    }

    void clear() {
        begin = end;
        firstPending = end;
        unanswered = 0;
    }

    /** How many reads and atomics are pending for the first time: their requester waits for all of them. */
    int unanswered() {
        return unanswered;
    }

    /** Whether there is room for another one: there is none while the oldest is not answered yet. */
    boolean hasRoom() {
        return end - begin < ring.length || firstPending > begin;
    }

    /** Adds one, which is pending, all of it. */
    Replay add(int operation, int psn, int packets, int messages) {
        if (end - begin == ring.length) {
            begin++;
        }
        Replay added = at(end);
        added.position = end++;
        added.operation = operation;
        added.firstPsn = psn;
        added.packets = packets;
        added.messages = messages;
        added.isRepeated = false;
        added.key = 0;
        added.address = 0;
        added.length = 0;
        if (isNegotiated(added)) {
            unanswered++;
        }
        aim(added, psn, 0, 0);
        return added;
    }

    private static boolean isNegotiated(Replay kept) {
        return kept.operation == Opcodes.READ_REQUEST
                || kept.operation == Opcodes.COMPARE_SWAP
                || kept.operation == Opcodes.FETCH_ADD;
    }

    private Replay at(long position) {
        return ring[(int) (position % ring.length)];
    }

    /** Finds the request that had a number; null when there is none that is kept, or it was something else. */
    Replay find(int operation, int psn) {
        for (long position = end - 1; position >= begin; position--) {
            Replay kept = at(position);
            if ((psn - kept.firstPsn & MASK_24) < kept.packets) {
                return kept.operation == operation ? kept : null;
            }
        }
        return null;
    }

    /** Its answer, or a part of it, is to be sent again. */
    void repeat(Replay kept, int psn, long address, long length) {
        if (!kept.isPending) {
            kept.isRepeated = true;
            firstPending = Math.min(firstPending, kept.position);
        }
        aim(kept, psn, address, length);
    }

    /** What is to be sent of a read. */
    static void aim(Replay kept, int psn, long address, long length) {
        kept.isPending = true;
        kept.isAtFirst = true;
        kept.psn = psn;
        kept.from = address;
        kept.left = length;
    }

    /** The next to be answered; null when all are. */
    Replay pending() {
        while (firstPending < end) {
            Replay kept = at(firstPending);
            if (kept.isPending) {
                return kept;
            }
            firstPending++;
        }
        return null;
    }

    /** Its answer has been sent, or never will be. */
    void answered(Replay kept) {
        kept.isPending = false;
        if (!kept.isRepeated && isNegotiated(kept)) {
            unanswered--;
        }
    }
}
