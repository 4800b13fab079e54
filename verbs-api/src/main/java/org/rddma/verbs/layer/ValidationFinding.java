package org.rddma.verbs.layer;

import org.rddma.verbs.VerbsException;

/**
 * A mistake that {@link Validation} has seen; immutable.
 *
 * @param kind which
 * @param verb the verb that was called when it was seen, which need not be the one that was wrong
 * @param errno what the exception carries where findings are thrown
 * @param sentence what was seen, of which object, and what to change
 */
public record ValidationFinding(Kind kind, String verb, int errno, String sentence) {
    /** What can be seen. */
    public enum Kind {
        /** Memory changed while a request that sends from it was posted: what was sent is undefined. */
        SENT_MEMORY_CHANGED,
        /** Memory of a receive or a read changed where the device wrote nothing, while the request was posted. */
        RECEIVING_MEMORY_WRITTEN,
        /** Memory or an address handle was closed while a posted request names it. */
        CLOSED_WHILE_POSTED,
        /** A field of a cursor was read that stands on no completion. */
        CURSOR_WITHOUT_COMPLETION,
        /** Something is closed that events are owed acknowledgements for, and nobody gave them in time. */
        UNACKNOWLEDGED_EVENTS,
        /** A send queue is full of requests of which none will ever make a completion. */
        NOTHING_SIGNALED,
        /** A queue has been full for a while, and nobody has looked at its completion queue in that time. */
        NEVER_POLLED,
        /** A thread waits for events, and no completion queue was ever armed that could raise one. */
        NEVER_ARMED,
        /** A thread waits after arming a queue that had completions, without having polled it. */
        NOT_POLLED_AFTER_ARM,
        /** Two threads at once used what was promised to be, or can only be, used by one at a time. */
        TWO_THREADS
    }

    /** The finding as the exception that is thrown where no listener is given. */
    VerbsException toException() {
        return new VerbsException(verb, errno, sentence);
    }

    @Override
    public String toString() {
        return kind + " in " + verb + ": " + sentence;
    }
}
