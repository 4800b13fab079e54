package org.rddma.perftest;

/**
 * The body of a latency test at one end. It is called for a few messages at a time, so that the compiled method, not one
 * that is replaced while it runs, does the measured ones.
 */
interface LatencyLoop {
    /**
     * Does so many messages.
     *
     * @return how many; fewer when the other end is done or has failed
     */
    int run(int messages);
}
