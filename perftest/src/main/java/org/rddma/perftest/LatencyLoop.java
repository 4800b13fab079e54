package org.rddma.perftest;

/**
 * The body of a latency test at one end. It is called for a few messages at a time, so that the compiled method, not one
 * that is replaced while it runs, does the measured ones.
 */
interface LatencyLoop {
    /**
     * Does so many messages.
     *
     * @return how many; fewer when the other end is done, or the run is over
     */
    int run(int messages);

    /** What was done up to now is no part of a sample. */
    default void begin() {
        // a client's samples begin with its messages
    }
}
