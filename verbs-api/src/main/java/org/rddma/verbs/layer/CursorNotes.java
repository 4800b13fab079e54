package org.rddma.verbs.layer;

/** What the validation layer knows about a cursor. */
final class CursorNotes {
    final Guard guard = new Guard();

    /** The queue that it walks over; null where it came from nowhere that is known. */
    volatile QueueNotes queue;

    volatile boolean onCompletion;
}
