package org.rddma.verbs.app;

/** What an event loop counts. */
final class LoopCounters {
    long rounds;
    long sleeps;
    long completions;
    long asyncEvents;
    long descriptors;
    long timers;
    long tasks;

    /** Senders that have room, and failures. */
    long others;

    /** Callbacks of all kinds. */
    long calls() {
        return completions + asyncEvents + descriptors + timers + tasks + others;
    }

    EventLoopStatistics snapshot() {
        return new EventLoopStatistics(rounds, sleeps, completions, asyncEvents, descriptors, timers, tasks);
    }
}
