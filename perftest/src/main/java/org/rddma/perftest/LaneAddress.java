package org.rddma.perftest;

/**
 * Where one queue pair of an end is reached.
 *
 * @param queuePair its number
 * @param psn the first packet sequence number that it sends
 * @param memory where the other end writes to and reads from
 */
record LaneAddress(int queuePair, int psn, long memory) {}
