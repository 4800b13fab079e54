package org.rddma.driver.emulator;

/** One {@code event_start} that is under way: it goes from event to event along a chain and is answered at its end. */
final class EventRun {
    final Request request;
    /** The one it waits for, or the last one that is over. */
    Event event;
    /** Of the event that is over. */
    int result;

    EventRun(Request request) {
        this.request = request;
    }
}
