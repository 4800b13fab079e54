package org.rddma.verbs.layer;

/** What the validation layer knows about an asynchronous event. */
final class EventNotes {
    /** Where its acknowledgement is owed; null for an event about no object. */
    volatile Owed owed;
}
