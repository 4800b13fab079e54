package org.rddma.verbs.app;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * One non-blocking channel of which one thread at a time waits for something: until a time, an interrupt, or until
 * another thread closes it. Who closes says so first, wakes the one that waits (a wakeup before the wait counts as well)
 * and closes the channel when that has left, so that no descriptor is closed while somebody is in a call on it.
 */
final class PeerWait {
    /** A century, which is less than a number of nanoseconds can say. */
    private static final Duration LONGEST = Duration.ofDays(36_525);

    private final ReentrantLock lock = new ReentrantLock();
    private final SelectableChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final String what;
    private volatile boolean closing;

    /** When the step must be over, in System.nanoTime(); only while {@link #limited}. */
    private long deadline;

    private boolean limited;

    /** Whoever sees it set knows that from now on {@link #close} ends a wait, and does not refuse the step. */
    private volatile boolean inStep;

    private String verb;

    /** Takes the channel over, and closes it when this fails. */
    PeerWait(String what, SelectableChannel channel) throws IOException {
        this.what = what;
        this.channel = channel;
        Selector opened = null;
        SelectionKey registered = null;
        try {
            channel.configureBlocking(false);
            opened = Selector.open();
            registered = channel.register(opened, 0);
        } finally {
            if (registered == null) {
                if (opened != null) {
                    closeQuietly(opened);
                }
                closeQuietly(channel);
            }
        }
        selector = opened;
        key = registered;
    }

    /** Begins a step; null waits without end. Must be followed by {@link #leave}. */
    void enter(String verb, Duration timeout) {
        long nanos = timeout == null ? 0 : nanosOf(timeout);
        if (!lock.tryLock()) {
            throw new VerbsException(
                    verb, Errno.EBUSY, "another thread is in a call: use " + what + " in one thread at a time");
        }
        if (closing || !channel.isOpen()) {
            lock.unlock();
            throw new VerbsException(
                    verb, Errno.EBADF, what + " is closed, or a step of it has failed before: make a new one");
        }
        this.verb = verb;
        limited = timeout != null;
        deadline = limited ? System.nanoTime() + nanos : 0;
        inStep = true;
    }

    /** As many as a deadline can be away, if there are more; of what has passed already, none. */
    private static long nanosOf(Duration timeout) {
        if (timeout.isNegative()) {
            return 0;
        }
        return timeout.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : timeout.toNanos();
    }

    /** Whether some thread is in a step. */
    boolean isBusy() {
        return inStep;
    }

    void leave() {
        inStep = false;
        lock.unlock();
    }

    /** Waits until the channel is ready for one of these operations, and returns for which. */
    int await(int operations, String forWhat) throws IOException {
        key.interestOps(operations);
        while (true) {
            if (closing) {
                throw new VerbsException(verb, Errno.ECANCELED, "another thread has closed " + what);
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new VerbsException(verb, Errno.EINTR, "interrupted while waiting for " + forWhat);
            }
            long nanos = limited ? deadline - System.nanoTime() : 0;
            if (limited && nanos <= 0) {
                throw new VerbsException(
                        verb,
                        Errno.ETIMEDOUT,
                        forWhat + " did not come in time: see that the peer runs and comes to the same step, or give"
                                + " the options a longer timeout");
            }
            selector.selectedKeys().clear();
            // milliseconds, rounded up: 0 would be without end
            if (selector.select(limited ? nanos / 1_000_000 + 1 : 0) > 0) {
                return key.readyOps();
            }
        }
    }

    /** Closes the channel from within a step that has failed: nobody can tell what of it has arrived. */
    void abandon() {
        closeChannel();
    }

    /** Ends the waiting, and leaves the channel open: for another wait. */
    void release() {
        closeQuietly(selector);
    }

    void close() {
        closing = true;
        selector.wakeup();
        lock.lock();
        try {
            closeChannel();
        } finally {
            lock.unlock();
        }
    }

    private void closeChannel() {
        closeQuietly(selector); // first: a channel that is still registered keeps its descriptor
        closeQuietly(channel);
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // the descriptor is given back all the same, and what could not be sent the peer will miss
        }
    }
}
