package org.rddma.perftest;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The best rate over any stretch of messages: from the post of one to the completion of a later one. Keeps two times for each
 * message, so it is for short runs.
 */
final class PeakRate {
    private static final long NOT_SEEN = Long.MIN_VALUE;

    private final long[] postedAt;
    private final long[] completedAt;
    private boolean on;

    /** For so many messages at most; 0 to measure none. */
    PeakRate(int messages) {
        postedAt = new long[messages];
        completedAt = new long[messages];
    }

    boolean isOn() {
        return on;
    }

    /** Before each run; those that are not counted beforehand have no peak. */
    void clear() {
        on = false;
        Arrays.fill(completedAt, NOT_SEEN);
    }

    void start() {
        on = postedAt.length > 0;
    }

    void posted(int from, int to) {
        Arrays.fill(postedAt, from, to, System.nanoTime());
    }

    void completed(int count) {
        if (count > 0) {
            completedAt[count - 1] = System.nanoTime();
        }
    }

    OptionalDouble messagesPerSecond() {
        if (!on) {
            return OptionalDouble.empty();
        }
        double best = 0;
        for (int last = 0; last < completedAt.length; last++) {
            if (completedAt[last] != NOT_SEEN) {
                for (int first = 0; first <= last; first++) {
                    best = Math.max(best, (last - first + 1) / (double) (completedAt[last] - postedAt[first]));
                }
            }
        }
        return best > 0 ? OptionalDouble.of(best * 1e9) : OptionalDouble.empty();
    }
}
