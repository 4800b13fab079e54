package org.rddma.verbs.spi;

import java.time.Duration;
import org.rddma.verbs.AsyncEventType;

/** A resource that asynchronous events can be about: closing it waits for their acknowledgements. */
public abstract class EventfulResource extends Resource {
    /**
     * Not open before {@link #open} is called.
     *
     * @param owner the context
     * @param label for messages
     * @param uses what must stay open as long as this is; nulls are passed over
     */
    protected EventfulResource(AbstractContext owner, String label, Resource... uses) {
        super(owner, label, uses);
    }

    /**
     * Announces an event about this object on its context's channel. After it is closed, does nothing. Takes locks of
     * this package only, and never waits.
     *
     * @param type what happened
     */
    public final void announce(AsyncEventType type) {}

    /**
     * Closes it, and waits no longer than given for acknowledgements.
     *
     * @param timeout how long at most
     */
    public void close(Duration timeout) {
        close();
    }
}
