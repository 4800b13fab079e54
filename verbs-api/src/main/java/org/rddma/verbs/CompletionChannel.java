package org.rddma.verbs;

import java.util.concurrent.TimeUnit;

/**
 * A file descriptor on which completion queues announce events ({@code struct ibv_comp_channel}). It is readable
 * exactly while an event is unread. Events are unbounded and come in the order in which the queues fired. Every event
 * that is read must be acknowledged on its queue. Safe for use by several threads: each event goes to one of them.
 *
 * <p>Where one thread takes an event in the very moment in which another raises it, the descriptor may be readable for
 * some microseconds more: who is told so and then gets no event just goes on waiting.
 *
 * <p>The descriptor may be watched with poll(2) or epoll, level- or edge-triggered, but only {@link #tryGetEvent()}
 * and its relatives tell which queue fired: do not read it. It is closed by {@link #close()} alone; take it out of
 * your own epoll set before. When the device is gone it stays readable for good, so that whoever watches it comes and
 * learns of it (with a kernel's channel: POLLERR).
 *
 * <p>The waiting methods block the carrier of a virtual thread: wait in platform threads.
 */
public interface CompletionChannel extends AutoCloseable {
    /**
     * The context that it belongs to.
     *
     * @return its parent
     */
    Context context();

    /**
     * The descriptor ({@code ibv_comp_channel.fd}).
     *
     * @return an open descriptor with close-on-exec set
     * @throws VerbsException EBADF when the channel is closed
     */
    int fd();

    /**
     * Takes the next event, and waits for one if there is none ({@code ibv_get_cq_event}).
     *
     * @return the queue that fired, whose event must be acknowledged; null when the wait was ended by {@link
     *     #wakeup()} or by an interrupt, which stays set in the thread. A program must survive a null for no reason
     *     too, as it must where poll(2) returns early
     * @throws VerbsException EBADF when the channel is closed, EIO when the device is gone and all events are read,
     *     both also while waiting; EMFILE when the process has no descriptor left by which this thread could be woken
     */
    CompletionQueue getEvent();

    /**
     * Takes the next event, and waits for one no longer than given ({@code poll(2)}, then {@code ibv_get_cq_event}).
     *
     * @param timeout how long; 0 or less does not wait. Rounded up to a millisecond
     * @param unit of the timeout
     * @return the queue that fired, whose event must be acknowledged; null when none did in time, or as {@link
     *     #getEvent()}
     * @throws VerbsException EINVAL when the unit is null; otherwise as {@link #getEvent()}
     */
    CompletionQueue getEvent(long timeout, TimeUnit unit);

    /**
     * Takes the next event if there is one ({@code ibv_get_cq_event} with O_NONBLOCK, where null is EAGAIN).
     *
     * @return the queue that fired, whose event must be acknowledged; null when none has
     * @throws VerbsException EBADF when the channel is closed; EIO when the device is gone and all events are read
     */
    CompletionQueue tryGetEvent();

    /**
     * Ends the waits of all threads that wait here now; when none does, or one got an event in the same moment, the
     * next wait ends at once. Events are not touched.
     *
     * @throws VerbsException EBADF when the channel is closed
     */
    void wakeup();

    /**
     * How many events are unread.
     *
     * @return 0 or more
     */
    int unreadEvents();

    /**
     * Closes the channel and its descriptor, after waking the threads that wait in it with EBADF
     * ({@code ibv_destroy_comp_channel}).
     *
     * @throws VerbsException EBUSY while completion queues are attached
     */
    @Override
    void close();
}
