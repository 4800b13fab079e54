package org.rddma.driver.emulator;

/** One {@code event_start} that is under way: it goes from event to event along a chain and is answered at its end. */
final class EventRun {
    /** Told the end. */
    interface Starter {
        void over(int result);
    }

    final Starter starter;
    /** The one it waits for, or the last one that is over. */
    Event event;
    /** Of the event that is over. */
    int result;

    EventRun(Starter starter) {
        this.starter = starter;
    }
}
