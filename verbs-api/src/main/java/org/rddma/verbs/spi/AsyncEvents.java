package org.rddma.verbs.spi;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.internal.channel.EventChannel;
import org.rddma.verbs.internal.channel.EventSource;
import org.rddma.verbs.internal.jfr.AsyncEventEvent;

/** The asynchronous events of one context, over an eventfd. */
final class AsyncEvents implements AsyncEventChannel {
    private final AbstractContext context;
    private final EventChannel<AsyncEvent> channel;

    AsyncEvents(AbstractContext context, String label) {
        this.context = context;
        channel = new EventChannel<>("the asynchronous event channel of " + label, "open");
    }

    /** Appends an event; drops it when the context is closed, its device gone, or the source withdrawn. */
    void raise(AsyncEventType type, EventSource<?> source, Resource element, int port) {
        AsyncEventEvent.record(type, element == null ? context : element, port);
        channel.raise(new ElementEvent(type, source, element, port));
    }

    void withdraw(EventSource<?> source) {
        channel.withdraw(source);
    }

    /** The device is gone, and that is the last event. */
    void disassociate(EventSource<?> source) {
        AsyncEventEvent.record(AsyncEventType.DEVICE_FATAL, context, 0);
        channel.disassociate(new ElementEvent(AsyncEventType.DEVICE_FATAL, source, null, 0));
    }

    void close() {
        channel.close();
    }

    @Override
    public AbstractContext context() {
        return context;
    }

    @Override
    public int fd() {
        return channel.fd();
    }

    @Override
    public AsyncEvent getEvent() {
        return channel.take(-1, TimeUnit.NANOSECONDS, "getEvent");
    }

    @Override
    public AsyncEvent getEvent(long timeout, TimeUnit unit) {
        return channel.take(Math.max(0, timeout), unit, "getEvent");
    }

    @Override
    public AsyncEvent tryGetEvent() {
        return channel.tryTake("tryGetEvent");
    }

    @Override
    public void wakeup() {
        channel.wakeup("wakeup");
    }

    @Override
    public int unreadEvents() {
        return channel.size();
    }

    @Override
    public String toString() {
        return "asynchronous event channel of " + context;
    }
}
