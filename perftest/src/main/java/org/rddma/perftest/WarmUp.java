package org.rddma.perftest;

/**
 * What ran before the measured phases and is not in the figures.
 *
 * @param messages sent by the client
 * @param seconds how long it took
 */
record WarmUp(long messages, double seconds) {}
