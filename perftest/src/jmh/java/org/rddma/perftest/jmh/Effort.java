package org.rddma.perftest.jmh;

/**
 * How long to measure.
 *
 * @param rounds virtual machines for each cell of the table
 * @param warmUps iterations that do not count, in each
 * @param iterations that count
 * @param millis of one iteration
 */
record Effort(int rounds, int warmUps, int iterations, int millis) {
    /** Six minutes. */
    static final Effort FULL = new Effort(3, 5, 5, 400);

    /** A minute: to see that it works. */
    static final Effort QUICK = new Effort(1, 3, 3, 200);
}
