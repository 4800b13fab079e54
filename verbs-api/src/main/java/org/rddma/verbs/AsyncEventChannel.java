package org.rddma.verbs;

import java.util.concurrent.TimeUnit;

/**
 * A file descriptor on which a context announces what happens to it besides completions ({@code
 * ibv_context.async_fd}). It is readable exactly while an event is unread, and behaves as a {@link CompletionChannel}
 * does: the same three ways to wait, the same ways to end a wait. There is one per context, and it ends with it.
 *
 * <p>Events about an object (a queue pair, a completion queue, a shared receive queue) must be acknowledged: closing
 * that object waits for it. Unread events of an object vanish when it is closed.
 */
public interface AsyncEventChannel {
    /**
     * The context that it belongs to.
     *
     * @return its parent
     */
    Context context();

    /**
     * The descriptor.
     *
     * @return an open descriptor with close-on-exec set
     * @throws VerbsException EBADF when the context is closed
     */
    int fd();

    /**
     * Takes the next event, and waits for one if there is none ({@code ibv_get_async_event}).
     *
     * @return the event, which must be acknowledged; null when the wait was ended by {@link #wakeup()} or by an
     *     interrupt, which stays set in the thread
     * @throws VerbsException EBADF when the context is closed, EIO when the device is gone and all events are read,
     *     both also while waiting; EMFILE when the process has no descriptor left by which this thread could be woken
     */
    AsyncEvent getEvent();

    /**
     * Takes the next event, and waits for one no longer than given.
     *
     * @param timeout how long; 0 or less does not wait. Rounded up to a millisecond
     * @param unit of the timeout
     * @return the event, which must be acknowledged; null when none came in time, or as {@link #getEvent()}
     * @throws VerbsException EINVAL when the unit is null; otherwise as {@link #getEvent()}
     */
    AsyncEvent getEvent(long timeout, TimeUnit unit);

    /**
     * Takes the next event if there is one (with O_NONBLOCK, where null is EAGAIN).
     *
     * @return the event, which must be acknowledged; null when there is none
     * @throws VerbsException EBADF when the context is closed; EIO when the device is gone and all events are read
     */
    AsyncEvent tryGetEvent();

    /**
     * Ends the waits of all threads that wait here now; when none does, the next wait ends at once. Events are not
     * touched.
     *
     * @throws VerbsException EBADF when the context is closed
     */
    void wakeup();

    /**
     * How many events are unread.
     *
     * @return 0 or more
     */
    int unreadEvents();
}
