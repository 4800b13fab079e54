package org.rddma.perftest;

import java.util.OptionalDouble;

/** How fast messages came in at a receiver: from when it found the first of them to when it found the last. */
final class Arrivals {
    private long before;
    private long firstAt;
    private long first;
    private long lastAt;
    private long last;

    /** Before each phase, after so many messages. */
    void begin(long received) {
        before = received;
        first = received;
        last = received;
    }

    /** So many have been found up to now, in all. */
    void note(long received) {
        if (received > last) {
            lastAt = System.nanoTime();
            if (last == before) {
                firstAt = lastAt;
                first = received;
            }
            last = received;
        }
    }

    /**
     * All messages of the phase, and the time that they took. Those of the first look came in an unknown time
     * before it: the rate is that of the others.
     */
    Transfer transfer() {
        long count = last - before;
        long timed = last - first;
        double nanos = timed == 0 ? Double.NaN : (double) (lastAt - firstAt) * count / timed;
        return new Transfer(count, nanos, OptionalDouble.empty());
    }
}
