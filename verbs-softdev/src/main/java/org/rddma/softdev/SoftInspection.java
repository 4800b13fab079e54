package org.rddma.softdev;

import java.util.Map;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.VerbsException;

/**
 * A look inside the software device, for tests and for finding out why a program stands still: {@code
 * context.extension(SoftInspection.class)}. What is seen is a snapshot, taken without stopping anybody: while others are at
 * work its numbers may be of slightly different moments. Looking changes nothing, and closed objects can still be looked
 * at. Safe for use by several threads.
 */
public interface SoftInspection {
    /**
     * A completion queue.
     *
     * @param queue of this context, also one behind layers
     * @return its ring, its arm word and its counters
     * @throws VerbsException EINVAL when it is null or of another context
     */
    CompletionQueueView view(CompletionQueue queue);

    /**
     * A queue pair.
     *
     * @param queuePair of this context, also one behind layers
     * @return its state, its rings and its counters
     * @throws VerbsException EINVAL when it is null or of another context
     */
    QueuePairView view(QueuePair queuePair);

    /**
     * What the port of a device on the wire has counted since the first of its contexts was opened: packets, retries,
     * and drops by their reasons.
     *
     * @return by the names that soft RoCE gives its counters, in the order of the alphabet; empty on a device whose
     *     peers are on its fabric
     */
    Map<String, Long> packetCounters();
}
