package org.rddma.softdev;

import org.rddma.verbs.QueuePairState;

/**
 * A queue pair, seen by {@link SoftInspection}.
 *
 * @param state its state now
 * @param sends the ring of the send queue
 * @param receives the ring of the receive queue; null when it has none of its own
 * @param timeoutRetries how often a request was sent again because nobody answered
 * @param notReadyRetries how often a request was sent again because the peer had no receive
 * @param dropped messages of an unreliable queue pair that the peer did not take, or that found nobody
 */
public record QueuePairView(
        QueuePairState state, Ring sends, Ring receives, long timeoutRetries, long notReadyRetries, long dropped) {
    /**
     * The ring of a work queue. Positions count from 0 and never go back.
     *
     * @param posted position of the next request to be posted
     * @param executed position of the next request to be executed: those before are done
     * @param released those before have given their slots back: found out when a post finds the ring full, not before
     * @param capacity of the ring, a power of two; 0 when nothing can be posted
     */
    public record Ring(long posted, long executed, long released, int capacity) {
        /**
         * What is to be done yet.
         *
         * @return requests that are posted and not executed
         */
        public long outstanding() {
            return posted - executed;
        }
    }
}
