package org.rddma.softdev;

import java.util.Map;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * A completion queue, seen by {@link SoftInspection}. Positions count from 0 and never go back; an entry is in the ring while
 * its position is at least the consumer's and less than the producer's.
 *
 * @param producer position of the next completion to be written, so the number of those that were
 * @param consumer position of the next completion to be polled, so the number of those that were
 * @param capacity of the ring, a power of two
 * @param generation how often the producer has been round the ring, if it always had this capacity
 * @param armWord what it raises an event for now
 * @param overrun whether nothing will be appended any more: a completion was lost, or the device is gone
 * @param lost completions for which there was no room, or which came afterwards
 * @param failed completions that were written with an error, by status; those that are not here are successes
 * @param eventsRaised events that were put into the channel
 * @param eventsUnacknowledged events that were read and not acknowledged
 */
public record CompletionQueueView(
        long producer,
        long consumer,
        int capacity,
        long generation,
        ArmWord armWord,
        boolean overrun,
        long lost,
        Map<WorkCompletionStatus, Long> failed,
        long eventsRaised,
        int eventsUnacknowledged) {
    /**
     * A view.
     *
     * @throws NullPointerException when the failures are null
     */
    public CompletionQueueView {
        failed = Map.copyOf(failed);
    }

    /**
     * What could be polled now.
     *
     * @return completions in the ring
     */
    public long waiting() {
        return producer - consumer;
    }
}
