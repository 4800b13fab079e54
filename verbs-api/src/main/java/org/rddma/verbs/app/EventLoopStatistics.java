package org.rddma.verbs.app;

/**
 * What an {@link EventLoop} has done since it was made.
 *
 * @param rounds times it went around
 * @param sleeps rounds in which it may have slept
 * @param completions completions handed out
 * @param asyncEvents asynchronous events handed out
 * @param descriptors calls for descriptors of the program's own
 * @param timers timers that went off
 * @param tasks tasks run
 */
public record EventLoopStatistics(
        long rounds, long sleeps, long completions, long asyncEvents, long descriptors, long timers, long tasks) {}
