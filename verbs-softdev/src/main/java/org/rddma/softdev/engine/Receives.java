package org.rddma.softdev.engine;

import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.WorkRing;

/** Where the messages for a queue pair go: its own receive queue, or one that it shares with others. */
abstract class Receives {
    /** How many receives it holds for this queue pair alone. */
    abstract int capacity();

    /** How many elements a receive may have. */
    abstract int maxElements();

    /** The ring, for those who only look; null where the receives are shared. */
    WorkRing ring() {
        return null;
    }

    /** Posts a chain; returns the first request that does not fit. */
    abstract ReceiveRequest post(ReceiveRequest first, QueuePairEngine owner);

    abstract void lockPosters();

    abstract void unlockPosters();

    /** Forgets what is posted for this queue pair alone. */
    abstract void clear();

    // ---- the responder

    /** Finds the queue whose receive a request is for; false when it may not have one. */
    abstract boolean choose(Request request);

    /** Takes the next receive; false when there is none. */
    abstract boolean take();

    /** Gives back what was taken: no message came of it. */
    abstract void giveBack();

    /** Finds the memory of the receive that was taken; false when it may not be used so. */
    abstract boolean load(Segments into, MemoryTable memory, Object domain, int rights);

    /** Completes the receive that was taken; false when the completion is lost. */
    abstract boolean complete(
            WorkCompletionStatus status,
            WorkCompletionOpcode opcode,
            int flags,
            long bytes,
            Request request,
            boolean solicited);

    /** The queue pair is in the error state: nothing will be taken any more. */
    abstract void flush();
}
