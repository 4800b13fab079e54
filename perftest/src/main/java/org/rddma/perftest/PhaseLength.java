package org.rddma.perftest;

import java.util.concurrent.TimeUnit;

/**
 * How long a phase lasts: until so many messages are done and the shortest time is over, but never beyond the longest.
 *
 * @param messages to be done
 * @param shortestNanos even when they are
 * @param longestNanos even when they are not
 */
record PhaseLength(long messages, long shortestNanos, long longestNanos) {
    /** Enough for the compiler to be done with the loops; bounded, since large messages take long. */
    static final PhaseLength WARM_UP =
            new PhaseLength(20_000, TimeUnit.MILLISECONDS.toNanos(500), TimeUnit.SECONDS.toNanos(1));

    static PhaseLength ofMessages(long messages) {
        return new PhaseLength(messages, 0, Long.MAX_VALUE);
    }

    static PhaseLength ofNanos(long nanos) {
        return new PhaseLength(0, nanos, nanos);
    }

    /** So long, but never without a few messages, however large they are. */
    static PhaseLength ofRound(long nanos) {
        return new PhaseLength(Limit.LEAST_SAMPLES, nanos, TimeUnit.MINUTES.toNanos(1));
    }

    /** Whether the number of messages alone decides. */
    boolean isCounted() {
        return longestNanos == Long.MAX_VALUE;
    }

    boolean isOver(long done, long startNanos) {
        if (isCounted()) {
            return done >= messages;
        }
        long elapsed = System.nanoTime() - startNanos;
        return elapsed >= longestNanos || done >= messages && elapsed >= shortestNanos;
    }
}
