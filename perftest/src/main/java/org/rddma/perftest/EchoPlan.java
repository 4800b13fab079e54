package org.rddma.perftest;

/**
 * The traffic that every style of echo service gets.
 *
 * @param clients how many queue pairs it serves
 * @param window how many messages of each client may be on their way at a time
 * @param size of the largest message in bytes
 */
record EchoPlan(int clients, int window, int size) {}
