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

    /** Callbacks of all kinds. */
    long calls() {
        return completions + asyncEvents + descriptors + timers + tasks;
    }

    EventLoopStatistics snapshot() {
        return new EventLoopStatistics(rounds, sleeps, completions, asyncEvents, descriptors, timers, tasks);
    }
}
