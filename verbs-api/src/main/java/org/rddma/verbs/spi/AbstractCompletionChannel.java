package org.rddma.verbs.spi;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.internal.channel.EventChannel;

/**
 * A completion channel over an eventfd, for providers whose events are raised in this process. They override what returns
 * a queue, with their own class.
 */
public abstract class AbstractCompletionChannel extends Resource implements CompletionChannel {
    private final AbstractContext context;
    private final EventChannel<CompletionQueue> events;

    /**
     * A channel with a new descriptor.
     *
     * @param context its parent
     * @param label for messages
     */
    protected AbstractCompletionChannel(AbstractContext context, String label) {
        super(context, label);
        this.context = context;
        events = new EventChannel<>(label, "createCompletionChannel");
    }

    final EventChannel<CompletionQueue> events() {
        return events;
    }

    @Override
    public AbstractContext context() {
        return context;
    }

    @Override
    public final int fd() {
        return events.fd();
    }

    @Override
    public CompletionQueue getEvent() {
        return events.take(-1, TimeUnit.NANOSECONDS, "getEvent");
    }

    @Override
    public CompletionQueue getEvent(long timeout, TimeUnit unit) {
        return events.take(Math.max(0, timeout), unit, "getEvent");
    }

    @Override
    public CompletionQueue tryGetEvent() {
        return events.tryTake("tryGetEvent");
    }

    @Override
    public final void wakeup() {
        events.wakeup("wakeup");
    }

    @Override
    public final int unreadEvents() {
        return events.size();
    }

    @Override
    protected final void deviceLost() {
        events.disassociate(null);
    }

    @Override
    protected final void release() {
        events.close();
    }

    @Override
    public final void close() {
        super.close();
    }
}
