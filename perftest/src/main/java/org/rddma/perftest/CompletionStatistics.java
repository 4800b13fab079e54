package org.rddma.perftest;

/**
 * How completions were found.
 *
 * @param emptyPolls polls that found nothing, while polling
 * @param events events taken from channels
 * @param emptyWakeups events whose queue had nothing left: an earlier poll had found it
 */
record CompletionStatistics(long emptyPolls, long events, long emptyWakeups) {
    CompletionStatistics plus(CompletionStatistics other) {
        return new CompletionStatistics(
                emptyPolls + other.emptyPolls, events + other.events, emptyWakeups + other.emptyWakeups);
    }
}
