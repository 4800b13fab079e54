package org.rddma.verbs;

import java.time.Duration;

/**
 * A ring of completions in user memory ({@code struct ibv_cq}). Polling reads the ring: it makes no system call and no
 * garbage. Safe for use by several threads: each completion goes to one of them.
 *
 * <p>A queue that is overrun (a completion came when it was full) is lost, as man ibv_poll_cq says: what is in it can
 * still be polled, then polling fails with EOVERFLOW; its queue pairs go to the error state, and an armed waiter is
 * woken.
 */
public interface CompletionQueue extends AutoCloseable {
    /**
     * The context that it belongs to.
     *
     * @return its parent
     */
    Context context();

    /**
     * How many completions it holds ({@code ibv_cq.cqe}).
     *
     * @return at least what was asked for
     */
    int capacity();

    /**
     * The channel that its events go to.
     *
     * @return null for none
     */
    CompletionChannel channel();

    /**
     * The vector that its notifications are raised on.
     *
     * @return one of the context's
     */
    CompletionVector vector();

    /**
     * The caller's object ({@code cq_context}).
     *
     * @return what was given at creation
     */
    Object userContext();

    /**
     * Takes completions out of the queue ({@code ibv_poll_cq}).
     *
     * @param completions to be filled from index 0; no element may be null
     * @return how many: fewer than the array's length when the queue was empty then
     * @throws VerbsException EINVAL when the array is null or empty, or holds a null that would have to be filled;
     *     EBADF when the queue is closed; when all that was left is polled, EOVERFLOW when it was overrun and EIO when
     *     the device is gone
     */
    int poll(WorkCompletion[] completions);

    /**
     * Takes one completion out of the queue.
     *
     * @param completion to be filled
     * @return false when the queue was empty
     * @throws VerbsException as {@link #poll(WorkCompletion[])}
     */
    boolean poll(WorkCompletion completion);

    /**
     * Takes completions out of the queue and hands each to a handler. No lock is held meanwhile; what the handler
     * throws comes out of this call, and the completion that it was given counts as polled.
     *
     * @param handler called once for each
     * @param limit how many at most, at least 1
     * @return how many: fewer than the limit when the queue was empty then
     * @throws VerbsException as {@link #poll(WorkCompletion[])}
     */
    int poll(CompletionHandler handler, int limit);

    /**
     * Makes a cursor over this queue. Allocates; keep it.
     *
     * @return a new cursor
     */
    CompletionCursor cursor();

    /**
     * Arms the queue for one event ({@code ibv_req_notify_cq}). The next completion that is appended and qualifies
     * raises one event on the channel and disarms the queue. Completions that are there already raise none: that is
     * why this says whether there are any. Arming for ANY replaces an arm for SOLICITED; arming for SOLICITED leaves
     * an arm for ANY.
     *
     * <p>The loop without lost wake-ups is: arm; if this returned true, or in any case, poll until empty; only then
     * wait.
     *
     * @param type for which completions
     * @return true when the queue is not empty now: poll before you wait
     * @throws VerbsException EINVAL for null; EBADF when the queue is closed; EIO when the device is gone
     */
    boolean requestNotify(NotificationType type);

    /**
     * Acknowledges events that a channel has returned for this queue ({@code ibv_ack_cq_events}). Cheap, but events
     * may be counted and acknowledged together.
     *
     * @param count how many, 0 or more
     * @throws VerbsException EINVAL when negative, or more than are unacknowledged
     */
    void ackEvents(int count);

    /**
     * Events that a channel has returned for this queue and that are not acknowledged.
     *
     * @return 0 or more; {@link #close()} waits until it is 0
     */
    int unacknowledgedEvents();

    /**
     * Closes the queue ({@code ibv_destroy_cq}): drops its unread events and its arm at once, then waits until every
     * event that was read is acknowledged, as libibverbs does. An interrupt ends the wait with EINTR; calling again
     * goes on waiting. Closing the context ends the wait too.
     *
     * @throws VerbsException EBUSY while queue pairs use it; EINTR when interrupted while waiting
     */
    @Override
    void close();

    /**
     * Closes the queue, and waits no longer than given for acknowledgements.
     *
     * @param timeout how long at most
     * @throws VerbsException as {@link #close()}; ETIMEDOUT when acknowledgements are missing still: the message says
     *     how many. The queue cannot be used any more, but for acknowledging and for calling this again
     */
    void close(Duration timeout);

    /**
     * Changes how many completions the queue can hold; those that are in it stay, in order, and an arm stays ({@code
     * ibv_resize_cq}). Other threads may poll, arm and complete meanwhile, and cursors go on.
     *
     * @param entries at least what is in it, at most the device's limit; {@link #capacity()} is at least as large
     *     afterwards
     * @throws VerbsException EINVAL when out of range, or fewer than there are completions in it; ENOMEM when there is
     *     no such memory; EBADF when closed; EOPNOTSUPP when the device cannot. Then nothing has changed
     */
    default void resize(int entries) {
        throw VerbsException.unsupported("resize", Capability.RESIZE_COMPLETION_QUEUE);
    }

    /**
     * Delays events, so that one stands for several completions ({@code ibv_modify_cq}): an armed queue raises its
     * event when so many completions that the arm is for have been appended since it was armed, or when so much time
     * has passed since the first of them, whichever is first; arming it once more in between changes nothing.
     * Completions can be polled at once all the same. With one of the two only that counts, so that a count without a
     * period leaves the last completions of a burst unannounced; with both 0 events are not delayed. An event that is
     * being delayed when moderation is changed or ended is raised by the new rule at the latest. An overrun is not
     * delayed.
     *
     * @param count completions, 0 to 65535; with more than the queue can hold and no period nothing is announced before
     *     it is overrun
     * @param periodMicros microseconds, 0 to 65535
     * @throws VerbsException EINVAL when out of range; EBADF when closed; EOPNOTSUPP when the device cannot
     */
    default void moderate(int count, int periodMicros) {
        throw VerbsException.unsupported("moderate", Capability.MODERATION);
    }
}
