package org.rddma.verbs.spi;

import java.util.concurrent.atomic.AtomicBoolean;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.Event;
import org.rddma.verbs.internal.channel.EventSource;

/** One asynchronous event. */
final class ElementEvent implements AsyncEvent, Event<AsyncEvent> {
    private final AsyncEventType type;
    private final EventSource<?> source;
    private final Resource element;
    private final int port;
    private final AtomicBoolean acknowledged = new AtomicBoolean();

    /** An event about an object, or where that is null, about a port or (0) the device. */
    ElementEvent(AsyncEventType type, EventSource<?> source, Resource element, int port) {
        this.type = type;
        this.source = source;
        this.element = element;
        this.port = port;
    }

    @Override
    public EventSource<?> source() {
        return source;
    }

    @Override
    public AsyncEvent handedOut() {
        return this;
    }

    @Override
    public AsyncEventType type() {
        return type;
    }

    @Override
    public CompletionQueue completionQueue() {
        return element instanceof CompletionQueue queue ? queue : null;
    }

    @Override
    public QueuePair queuePair() {
        return element instanceof QueuePair pair ? pair : null;
    }

    @Override
    public SharedReceiveQueue sharedReceiveQueue() {
        return element instanceof SharedReceiveQueue queue ? queue : null;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void acknowledge() {
        if (element == null) {
            return;
        }
        if (!acknowledged.compareAndSet(false, true)) {
            throw new VerbsException(
                    "acknowledge", Errno.EINVAL, this + " was acknowledged before: acknowledge each event once");
        }
        source.acknowledge(1, "acknowledge");
    }

    @Override
    public String toString() {
        String what = element != null ? ", " + element : port != 0 ? ", port " + port : "";
        return type.text() + what;
    }
}
