package org.rddma.verbs.app;

/**
 * What the threads that wait in a {@link BlockingCalls} or an {@link OrderedCompletions} have done since it was made. Of
 * those that wait one leads: it waits on the channel for all.
 *
 * @param leads waits of a leader
 * @param handovers times that a thread was woken to lead next
 * @param wakeups times that a thread that did not lead woke up, for whatever reason
 * @param waits what the leaders did; a leader may be changing it just now
 */
public record BlockingStatistics(long leads, long handovers, long wakeups, WaitStatistics waits) {}
