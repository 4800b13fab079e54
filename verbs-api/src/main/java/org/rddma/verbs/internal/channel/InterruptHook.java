package org.rddma.verbs.internal.channel;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Does something when the thread is interrupted that is in a native call, which an interrupt would not end.
 *
 * <p>It is a selector in name only: {@link AbstractSelector#begin()} is how a class outside of the JDK learns of
 * {@link Thread#interrupt()}: the interrupting thread then calls {@link #wakeup()}. For one thread at a time.
 */
public final class InterruptHook extends AbstractSelector {
    private final Runnable onInterrupt;

    /**
     * With what is to be done.
     *
     * @param onInterrupt called by the interrupting thread, or by the interrupted one before its call
     */
    public InterruptHook(Runnable onInterrupt) {
        super(null);
        this.onInterrupt = onInterrupt;
    }

    /**
     * Makes a call.
     *
     * @param call which the action ends
     * @return its result
     */
    public boolean around(BooleanSupplier call) {
        begin();
        try {
            return call.getAsBoolean();
        } finally {
            end();
        }
    }

    @Override
    public Selector wakeup() {
        onInterrupt.run();
        return this;
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> keys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }
}
