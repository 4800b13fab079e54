package org.rddma.verbs.internal.channel;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.jfr.WaitEvent;

/**
 * What events are about, and the account of those that were read: an object may not go away while someone holds an
 * event that names it and has not acknowledged it. Where there is nothing to be said but which object it is, the source
 * is its own event.
 *
 * @param <T> the type of the object
 */
public final class EventSource<T> implements Event<T> {
    private final T subject;
    private final AtomicInteger unacknowledged = new AtomicInteger();

    /** How many threads wait for acknowledgements; changed under this object's monitor, on which they wait. */
    private volatile int closers;

    private boolean abandoned;

    /** Events of this source in the channel's queue; guarded by the channel's lock. */
    int unread;

    /** Events of this source that were put into the queue; written under the channel's lock. */
    private volatile long raised;

    /** Whether its object is going away, so that events are dropped; guarded by the channel's lock. */
    boolean withdrawn;

    /**
     * A source without events.
     *
     * @param subject what its events hand out
     */
    public EventSource(T subject) {
        this.subject = subject;
    }

    @Override
    public EventSource<T> source() {
        return this;
    }

    @Override
    public T handedOut() {
        return subject;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the channel's lock; volatile for those who look
    void countRaised() {
        unread++;
        raised++;
    }

    /**
     * Events that were raised.
     *
     * @return those that were put into the channel, read or not
     */
    public long raised() {
        return raised;
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
                                + " are unacknowledged. Acknowledge each event once, on the object that it named");
            }
        } while (!unacknowledged.compareAndSet(before, before - count));
        if (before == count && closers > 0) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** Acknowledgements are not waited for any more: the context is closing. */
    public synchronized void abandon() {
        abandoned = true;
        notifyAll();
    }

    /**
     * Waits until every event that was read is acknowledged, or nobody cares any more.
     *
     * @param timeoutNanos how long; negative for ever
     * @param verb on whose behalf
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the monitor; volatile for those who acknowledge
    public synchronized void awaitAcknowledged(long timeoutNanos, String verb) {
        long start = System.nanoTime();
        closers++;
        WaitEvent recorded = null;
        String outcome = WaitEvent.FAILED;
        try {
            int missing;
            while ((missing = unacknowledged.get()) > 0 && !abandoned) {
                long left = timeoutNanos < 0 ? 0 : timeoutNanos - (System.nanoTime() - start);
                if (timeoutNanos >= 0 && left <= 0) {
                    outcome = WaitEvent.TIMEOUT;
                    throw missing(verb, Errno.ETIMEDOUT, missing, "");
                }
                if (recorded == null) {
                    recorded = WaitEvent.started(verb, subject);
                }
                if (timeoutNanos < 0) {
                    wait();
                } else {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            }
            outcome = abandoned ? WaitEvent.FAILED : WaitEvent.ARRIVED;
        } catch (InterruptedException e) {
            outcome = WaitEvent.INTERRUPTED;
            Thread.currentThread().interrupt();
            throw missing(verb, Errno.EINTR, unacknowledged.get(), "interrupted while ");
        } finally {
            closers--;
            WaitEvent.ended(recorded, outcome);
        }
    }

    private VerbsException missing(String verb, int errno, int count, String when) {
        return new VerbsException(
                verb,
                errno,
                when + count + " events of " + subject + " are unacknowledged: acknowledge them and close again");
    }
}
