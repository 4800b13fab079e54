package org.rddma.verbs;

/**
 * Something that happened to a context or to one of its objects ({@code struct ibv_async_event}). Exactly one of the
 * accessors of its element returns something; for DEVICE_FATAL none does.
 */
public interface AsyncEvent {
    /**
     * What happened.
     *
     * @return the type
     */
    AsyncEventType type();

    /**
     * The completion queue that it is about.
     *
     * @return the queue, or null
     */
    CompletionQueue completionQueue();

    /**
     * The queue pair that it is about.
     *
     * @return the queue pair, or null
     */
    QueuePair queuePair();

    /**
     * The shared receive queue that it is about.
     *
     * @return the queue, or null
     */
    SharedReceiveQueue sharedReceiveQueue();

    /**
     * The port that it is about.
     *
     * @return its number, from 1; 0 when it is not about a port
     */
    int port();

    /**
     * Says that the event has been dealt with ({@code ibv_ack_async_event}): its object may now be closed. Does
     * nothing for events about ports and the device. Safe for use by several threads.
     *
     * @throws VerbsException EINVAL when it was acknowledged before
     */
    void acknowledge();
}
