package org.rddma.perftest;

import java.util.OptionalDouble;

/** How fast messages came in at a receiver: from when it found the first of them to when it found the last. */
final class Arrivals {
    private long firstAt;
    private long firstCount;
    private long lastAt;
    private long count;

    /** Before each phase. */
    void clear() {
        count = 0;
        firstCount = 0;
    }

    /** So many have come since the phase began. */
    void note(long total) {
        if (total > count) {
            lastAt = System.nanoTime();
            if (count == 0) {
                firstAt = lastAt;
                firstCount = total;
            }
            count = total;
        }
    }

    /**
     * All messages, and the time that they took. The messages of the first look came in an unknown time before it: the rate is
     * that of the others.
     */
    Transfer transfer() {
        long timed = count - firstCount;
        double nanos = timed == 0 ? Double.NaN : (double) (lastAt - firstAt) * count / timed;
        return new Transfer(count, nanos, OptionalDouble.empty());
    }
}
