package org.rddma.verbs.spi;

import org.rddma.verbs.internal.ring.WorkQueue;
import org.rddma.verbs.internal.ring.WorkRing;

/**
 * A completion of work that is done, before it is in its queue. The values are those of {@link Completer#complete}.
 *
 * @param queue where it goes
 * @param wrId id of the work request
 * @param status value of a {@link org.rddma.verbs.WorkCompletionStatus}
 * @param opcode value of a {@link org.rddma.verbs.WorkCompletionOpcode}
 * @param flags bits of {@link org.rddma.verbs.WorkCompletionFlags}
 * @param byteLength bytes moved, unsigned
 * @param immediate immediate data
 * @param queuePair local queue pair
 * @param sourceQueuePair remote queue pair of a datagram
 * @param serviceLevel of a datagram
 * @param solicited whether the sender asked for it
 * @param work the work queue whose request this completes
 * @param workPosition the request
 */
@SuppressWarnings("exports") // for the project's own providers, which see that package
public record UndeliveredCompletion(
        Completer queue,
        long wrId,
        int status,
        int opcode,
        int flags,
        int byteLength,
        int immediate,
        int queuePair,
        int sourceQueuePair,
        int serviceLevel,
        boolean solicited,
        WorkQueue work,
        long workPosition) {
    private static final int RECEIVE = 1 << 7;

    /**
     * Whether it completes a receive.
     *
     * @return false for a send
     */
    public boolean isReceive() {
        return (opcode & RECEIVE) != 0;
    }

    /**
     * Puts it into its queue, and raises an event if the queue is armed for it.
     *
     * @return false when it is lost: the queue is full, or closed
     */
    public boolean deliver() {
        return queue.deliver(this);
    }

    /** Drops it: the slot of its request is free, and nobody ever learns what came of it. */
    public void discard() {
        work.soDelivered(workPosition, WorkRing.LOST);
    }
}
