package org.rddma.perftest;

/** Lanes by the numbers of their queue pairs: looking one up makes no garbage. */
final class LaneIndex {
    private final Lane[] table;

    /** For so many lanes. */
    LaneIndex(int lanes) {
        table = new Lane[4 * Integer.highestOneBit(lanes)]; // never full: a search ends
    }

    void put(Lane lane) {
        int slot = slot(lane.queuePair.number());
        while (table[slot] != null) {
            slot = next(slot);
        }
        table[slot] = lane;
    }

    /** The lane of this queue pair, which must be there. */
    Lane of(int queuePair) {
        int slot = slot(queuePair);
        while (table[slot].queuePair.number() != queuePair) {
            slot = next(slot);
        }
        return table[slot];
    }

    private int slot(int number) {
        return number & table.length - 1; // numbers of one process follow each other
    }

    private int next(int slot) {
        return slot + 1 & table.length - 1;
    }
}
