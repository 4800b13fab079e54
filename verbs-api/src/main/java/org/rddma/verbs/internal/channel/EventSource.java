package org.rddma.verbs.internal.channel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * What events are about, and the account of those that were read: an object may not go away while someone holds an event
 * that names it and has not acknowledged it.
 *
 * @param <T> the type that events are handed out as
 */
public final class EventSource<T> {
    private final T subject;
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private volatile Thread closer;

    /** Events of this source in the channel's queue; guarded by the channel's lock. */
    int unread;

    /**
     * A source without events.
     *
     * @param subject what its events hand out
     */
    public EventSource(T subject) {
        this.subject = subject;
    }

    T subject() {
        return subject;
    }

    void countRead() {
        unacknowledged.incrementAndGet();
    }

    /**
     * Events that were read and are not acknowledged.
     *
     * @return 0 or more
     */
    public int unacknowledged() {
        return unacknowledged.get();
    }

    /**
     * Acknowledges events.
     *
     * @param count how many
     * @param verb on whose behalf
     */
    public void acknowledge(int count, String verb) {
        if (count < 0) {
            throw new VerbsException(verb, Errno.EINVAL, "cannot acknowledge " + count + " events");
        }
        int before;
        do {
            before = unacknowledged.get();
            if (count > before) {
                throw new VerbsException(
                        verb,
                        Errno.EINVAL,
                        "cannot acknowledge " + count + " events of " + subject + ": " + before
                                + " are unacknowledged. Acknowledge each event once, on the queue that it named");
            }
        } while (!unacknowledged.compareAndSet(before, before - count));
        if (before == count) {
            LockSupport.unpark(closer);
        }
    }

    /**
     * Waits until every event that was read is acknowledged.
     *
     * @param timeoutNanos how long; negative for ever
     * @param verb on whose behalf
     */
    public void awaitAcknowledged(long timeoutNanos, String verb) {
        long start = System.nanoTime();
        closer = Thread.currentThread();
        try {
            int missing;
            while ((missing = unacknowledged.get()) > 0) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new VerbsException(
                            verb,
                            Errno.EINTR,
                            "interrupted while " + missing + " events of " + subject
                                    + " are unacknowledged: acknowledge them and close again");
                }
                if (timeoutNanos < 0) {
                    LockSupport.park(this);
                } else {
                    long left = timeoutNanos - (System.nanoTime() - start);
                    if (left <= 0) {
                        throw new VerbsException(
                                verb,
                                Errno.ETIMEDOUT,
                                missing + " events of " + subject
                                        + " are unacknowledged: acknowledge them and close again");
                    }
                    LockSupport.parkNanos(this, left);
                }
            }
        } finally {
            closer = null;
        }
    }
}
