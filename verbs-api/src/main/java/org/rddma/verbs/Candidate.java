package org.rddma.verbs;

import java.util.Comparator;
import java.util.List;

/**
 * A device as {@link Verbs#select} saw it, and why it may not be chosen.
 *
 * @param device what it is about
 * @param name of the device
 * @param provider of the device
 * @param priority as {@link Device#priority} said
 * @param numaNode as {@link Device#numaNode} said
 * @param distance from the node that was wanted to the device's, as the system has it: 10 is the same node
 * @param freeQueuePairs as {@link Device#freeQueuePairs} said
 * @param freeCompletionQueues as {@link Device#freeCompletionQueues} said
 * @param refusals everything that speaks against it, as sentences about "it"; empty when it may be chosen
 */
public record Candidate(
        Device device,
        String name,
        String provider,
        int priority,
        int numaNode,
        int distance,
        int freeQueuePairs,
        int freeCompletionQueues,
        List<String> refusals) {
    /**
     * The order of a ranking, best first: those that may be chosen, then the nearer, then those of smaller priority,
     * then those with more free queue pairs, then by name, and at last by provider. Which device came first in a list
     * does not matter. The queues of a device are counted once, so it is one order even while others take queues.
     */
    public static final Comparator<Candidate> ORDER = Comparator.comparing(
                    (Candidate candidate) -> !candidate.accepted())
            .thenComparingInt(Candidate::distance)
            .thenComparingInt(Candidate::priority)
            .thenComparing(Comparator.comparingInt(Candidate::freeQueuePairs).reversed())
            .thenComparing(Candidate::name)
            .thenComparing(Candidate::provider);

    /** Copies the refusals. */
    public Candidate {
        refusals = List.copyOf(refusals);
    }

    /**
     * Whether it may be chosen.
     *
     * @return true when nothing speaks against it
     */
    public boolean accepted() {
        return refusals.isEmpty();
    }
}
