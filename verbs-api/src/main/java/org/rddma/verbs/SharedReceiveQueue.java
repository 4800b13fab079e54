package org.rddma.verbs;

import java.time.Duration;

/**
 * Receives that several queue pairs take from ({@code struct ibv_srq}). A message takes the receive that was posted
 * first; its completion goes to the receive completion queue of the queue pair that the message came for, and carries
 * that queue pair's number. Safe for use by several threads.
 *
 * <p>A queue pair that fails does not flush the receives here: they belong to all. It announces {@link
 * AsyncEventType#QP_LAST_WQE_REACHED} when it will take no more.
 */
public interface SharedReceiveQueue extends AutoCloseable {
    /**
     * The protection domain that it belongs to.
     *
     * @return its parent
     */
    ProtectionDomain protectionDomain();

    /**
     * Its number, by which senders on extended reliable connections name it ({@code ibv_get_srq_num}).
     *
     * @return 24 bits
     * @throws VerbsException EOPNOTSUPP when it was not made for extended reliable connections
     */
    int number();

    /**
     * How many receives it can hold.
     *
     * @return at least what was asked for
     */
    int maxRequests();

    /**
     * How many elements one receive can have.
     *
     * @return at least what was asked for
     */
    int maxElements();

    /**
     * The limit that is armed now ({@code ibv_query_srq}).
     *
     * @return 0 when none is
     */
    int limit();

    /**
     * The caller's object.
     *
     * @return as given at creation
     */
    Object userContext();

    /**
     * Posts receives, in order ({@code ibv_post_srq_recv}). Makes no garbage.
     *
     * @param first a chain of requests
     * @return null when all were posted; otherwise the first that did not fit, with none behind it posted
     * @throws VerbsException as {@link QueuePair#postReceive}; those before the request that it names were posted
     */
    ReceiveRequest postReceive(ReceiveRequest first);

    /**
     * Arms the limit, once: when a message takes a receive and fewer than so many are left,
     * {@link AsyncEventType#SRQ_LIMIT_REACHED} is announced and the limit becomes 0 ({@code ibv_modify_srq} with
     * {@code IBV_SRQ_LIMIT}). If there are fewer already, the next message that takes one announces it.
     *
     * @param limit 0 to {@link #maxRequests()}; 0 disarms
     * @throws VerbsException EINVAL when the limit is out of range, EBADF when it is closed
     */
    void armLimit(int limit);

    /**
     * Changes how many receives it can hold; what is posted stays posted ({@code ibv_modify_srq} with {@code
     * IBV_SRQ_MAX_WR}).
     *
     * @param maxRequests at least what is posted now and the limit, at most the device's limit
     * @throws VerbsException EINVAL when it is out of range; EOPNOTSUPP when the device cannot
     */
    void resize(int maxRequests);

    /** Closes it, as {@link #close(Duration)} without a limit of time. */
    @Override
    void close();

    /**
     * Closes it: receives that are posted are discarded, and their memory may be used again ({@code
     * ibv_destroy_srq}). Waits until the events about it that were read are acknowledged.
     *
     * @param timeout how long to wait
     * @throws VerbsException EBUSY while queue pairs use it; ETIMEDOUT when acknowledgements are missing after the
     *     time, EINTR when the thread is interrupted: then close again
     */
    void close(Duration timeout);
}
