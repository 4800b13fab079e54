package org.rddma.verbs.spi;

/**
 * Stands between a device and one completion queue, where a schedule decides when a completion gets into the queue.
 * An ordinary device has none: its completions are appended at once.
 *
 * <p>Called with locks of the device held: must take none that is held while a verb is called.
 */
public interface CompletionDelivery {
    /**
     * Keeps a completion, to call {@link UndeliveredCompletion#deliver()} on it later, in any thread: once, and of one
     * work queue in the order in which they were kept (unless the device may reorder them).
     *
     * @param completion what has been carried out
     */
    void defer(UndeliveredCompletion completion);

    /**
     * The queue has been armed. Decides whether it fires at once because there are completions in it, as devices do that
     * are told the consumer's position when they are armed.
     *
     * @param any whether for any completion, not only for solicited ones
     * @param holdsCompletions whether there are some that are not polled
     * @return true to take the arm and raise an event; only where it holds completions
     */
    boolean armed(boolean any, boolean holdsCompletions);

    /**
     * A queue pair is being reset or destroyed: each completion of it that is kept must be delivered or {@linkplain
     * UndeliveredCompletion#discard() discarded} before this returns.
     *
     * @param queuePair its number
     */
    void settle(int queuePair);

    /** The queue is closed: drops what is kept. */
    void close();
}
