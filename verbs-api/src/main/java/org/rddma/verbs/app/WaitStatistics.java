package org.rddma.verbs.app;

/**
 * What a {@link CompletionWaiter} has done since it was made.
 *
 * @param spins polls of all active queues that found nothing, while spinning
 * @param yields the same, while yielding
 * @param arms queues armed
 * @param sleeps waits on the channel
 * @param events events taken and acknowledged
 * @param emptyWakeups events whose queue was empty by then
 */
public record WaitStatistics(long spins, long yields, long arms, long sleeps, long events, long emptyWakeups) {}
