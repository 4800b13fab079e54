package org.rddma.verbs.spi;

import java.time.Duration;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.EventSource;

/** A resource that asynchronous events can be about: closing it waits for their acknowledgements. */
public abstract class EventfulResource extends Resource {
    private static final long FOR_EVER = -1;

    private final AsyncEvents events;
    private final EventSource<EventfulResource> source = new EventSource<>(this);

    /**
     * Not open before {@link #open} is called.
     *
     * @param owner the context
     * @param label for messages
     * @param uses what must stay open as long as this is; nulls are passed over
     */
    protected EventfulResource(AbstractContext owner, String label, Resource... uses) {
        super(owner, label, uses);
        events = owner.events();
    }

    /**
     * Announces an event about this object on its context's channel. After it is closed, does nothing. Takes locks of
     * this package only, and never waits.
     *
     * @param type what happened
     */
    public final void announce(AsyncEventType type) {
        events.raise(type, source, this, 0);
    }

    /** Further events that must be acknowledged before this is gone, or null. */
    EventSource<?> furtherEvents() {
        return null;
    }

    @Override
    final int owedAcknowledgements() {
        EventSource<?> further = furtherEvents();
        return source.unacknowledged() + (further == null ? 0 : further.unacknowledged());
    }

    @Override
    public void close() {
        close(FOR_EVER);
    }

    /**
     * Closes it, and waits no longer than given for acknowledgements.
     *
     * @param timeout how long at most
     * @throws VerbsException EINVAL when the timeout is null or negative; EBUSY while others use it; ETIMEDOUT when
     *     acknowledgements are missing still, EINTR when interrupted: then it cannot be used any more, but for
     *     acknowledging and for closing it again
     */
    public void close(Duration timeout) {
        if (timeout == null || timeout.isNegative()) {
            throw new VerbsException("close", Errno.EINVAL, "the timeout is " + timeout + ": give zero or more");
        }
        long nanos;
        try {
            nanos = timeout.toNanos();
        } catch (ArithmeticException e) {
            nanos = Long.MAX_VALUE;
        }
        close(nanos);
    }

    private void close(long timeoutNanos) {
        long start = System.nanoTime();
        releaseOnce();
        source.awaitAcknowledged(timeoutNanos, "close");
        if (furtherEvents() != null) {
            long left = timeoutNanos < 0 ? FOR_EVER : Math.max(0, timeoutNanos - (System.nanoTime() - start));
            furtherEvents().awaitAcknowledged(left, "close");
        }
        endClose();
    }

    @Override
    final void withdrawEvents() {
        events.withdraw(source);
    }

    @Override
    protected final void abandonWaits() {
        source.abandon();
        if (furtherEvents() != null) {
            furtherEvents().abandon();
        }
    }
}
