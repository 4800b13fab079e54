package org.rddma.verbs.internal.channel;

import java.util.function.BooleanSupplier;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;

/**
 * What one thread needs to wait in poll(2) so that it can be woken, also by an interrupt: a descriptor of its own,
 * because one that waiters shared could be emptied by the wrong one.
 */
final class Waiter {
    private final EventFd wake;
    private final PollSet pollSet = new PollSet(3);
    private final InterruptHook hook = new InterruptHook(this::wakeup);

    /** Made once: a wait allocates nothing. */
    private final BooleanSupplier call = this::poll;

    private int timeoutMillis;
    private boolean freed;

    /** Whether the channel has ended this wait; guarded by the channel's lock. */
    boolean woken;

    Waiter(int fd, String verb) {
        this(verb);
        watch(fd, false, -1);
    }

    /** A thread that says at each wait for what. */
    Waiter(String verb) {
        wake = EventFd.counter(verb);
        pollSet.set(1, wake.fd());
    }

    /** What the next waits are for; of the second descriptor, only that its other end is closed. */
    void watch(int fd, boolean forWriting, int hangUp) {
        pollSet.set(0, fd, forWriting);
        pollSet.setHangUp(2, hangUp);
    }

    /**
     * Waits until the descriptor is ready, or someone wakes this thread, or the time has passed.
     *
     * @return whether the descriptor is ready
     */
    boolean await(int newTimeoutMillis) {
        timeoutMillis = newTimeoutMillis;
        boolean unused = hook.around(call);
        if (pollSet.isReady(1)) {
            boolean unusedCount = wake.take();
        }
        return pollSet.isReady(0) || pollSet.isReady(2);
    }

    private boolean poll() {
        return pollSet.poll(timeoutMillis) > 0;
    }

    /** Empties the wake descriptor, for the next use. */
    void reset() {
        woken = false;
        boolean unused = wake.take();
    }

    /** Closes the wake descriptor. An interrupt may still be on its way here: it will find it closed. */
    synchronized void free() {
        freed = true;
        wake.close();
    }

    /** Ends the wait, or the next one. */
    synchronized void wakeup() {
        if (!freed) {
            wake.signal();
        }
    }
}
