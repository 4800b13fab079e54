package org.rddma.perftest;

import java.util.Locale;

/**
 * The clock of all measurements, and what it costs: a sample holds about one call's time.
 *
 * @param callNanos the time of one call
 * @param stepNanos the smallest step seen
 */
record Clock(double callNanos, long stepNanos) {
    private static final int CALLS = 20_000;
    private static final int REPEATS = 5;

    /** Looks at System.nanoTime() for a few milliseconds. */
    static Clock measure() {
        double best = Double.MAX_VALUE;
        long step = Long.MAX_VALUE;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            long start = System.nanoTime();
            long last = start;
            for (int i = 0; i < CALLS; i++) {
                long now = System.nanoTime();
                if (now > last) {
                    step = Math.min(step, now - last);
                }
                last = now;
            }
            best = Math.min(best, (last - start) / (double) CALLS);
        }
        return new Clock(best, step);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "System.nanoTime, %.0f ns a call", callNanos);
    }
}
