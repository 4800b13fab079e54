package org.rddma.softdev.engine;

/**
 * How many packets may be under way: as many as the port says, half as many after each loss, and one more whenever so
 * many have arrived as there may be.
 */
final class SendWindow {
    static final int MOST = 128;

    private static final int LEAST = 2;

    private int limit = 1;
    private int size = 1;
    private int arrived;

    /** Begins with as many as there may ever be. */
    void open(int most) {
        limit = Math.max(1, Math.min(most, MOST));
        size = limit;
        arrived = 0;
    }

    int size() {
        return size;
    }

    void arrived(long packets) {
        if (size == limit) {
            return;
        }
        arrived += (int) packets;
        while (arrived >= size && size < limit) {
            arrived -= size++;
        }
    }

    void halve() {
        size = Math.min(limit, Math.max(LEAST, size / 2));
        arrived = 0;
    }
}
