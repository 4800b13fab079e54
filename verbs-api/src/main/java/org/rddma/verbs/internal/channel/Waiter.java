package org.rddma.verbs.internal.channel;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;

/**
 * What one thread needs to wait in poll(2) so that it can be woken: a descriptor of its own, because one that waiters
 * shared could be emptied by the wrong one.
 *
 * <p>It is a selector in name only. {@link AbstractSelector#begin()} is how a class outside of the JDK learns of
 * {@link Thread#interrupt()}, which would not end a native call: the interrupting thread then calls {@link #wakeup()}.
 */
final class Waiter extends AbstractSelector {
    private final EventFd wake;
    private final PollSet pollSet = new PollSet(3);

    private boolean freed;

    /** Whether the channel has ended this wait; guarded by the channel's lock. */
    boolean woken;

    Waiter(int fd, String verb) {
        this(verb);
        watch(fd, false, -1);
    }

    /** A thread that says at each wait for what. */
    Waiter(String verb) {
        super(null);
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
    boolean await(int timeoutMillis) {
        begin();
        try {
            int unused = pollSet.poll(timeoutMillis);
        } finally {
            end();
        }
        if (pollSet.isReady(1)) {
            boolean unused = wake.take();
        }
        return pollSet.isReady(0) || pollSet.isReady(2);
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

    @Override
    public synchronized Selector wakeup() {
        if (!freed) {
            wake.signal();
        }
        return this;
    }

    @Override
    protected void implCloseSelector() throws IOException {
        free();
    }

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
