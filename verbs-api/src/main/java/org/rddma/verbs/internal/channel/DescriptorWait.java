package org.rddma.verbs.internal.channel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.jfr.WaitEvent;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * Who is in a call on a descriptor, who waits for it, and how they are woken.
 *
 * <p>A thread enters before it uses the descriptor and leaves behind it. {@link #close} lets nobody in any more, wakes
 * all that wait, and the descriptor is closed by whoever leaves last, or at once: so its number never belongs to
 * someone else while a thread is in a call on it, and closing never waits. Safe for use by several threads.
 */
public final class DescriptorWait {
    private final String name;
    private final Runnable release;
    private final SpinLock lock = new SpinLock();
    private final List<Waiter> waiting = new ArrayList<>(2);
    private final ArrayDeque<Waiter> idle = new ArrayDeque<>(2);
    private int inside;
    private volatile boolean closed;
    private boolean released;

    /**
     * For a descriptor that is open.
     *
     * @param name for messages
     * @param release closes the descriptor; called once, when nobody is inside
     */
    public DescriptorWait(String name, Runnable release) {
        this.name = name;
        this.release = release;
    }

    /**
     * Enters.
     *
     * @param verb on whose behalf
     * @throws VerbsException EBADF when it is closed
     */
    public void enter(String verb) {
        lock.lock();
        try {
            requireOpen(verb);
            inside++;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves; the last one closes the descriptor when {@link #close} was called meanwhile. */
    public void leave() {
        boolean last;
        lock.lock();
        try {
            inside--;
            last = mayRelease();
        } finally {
            lock.unlock();
        }
        releaseIf(last);
    }

    /**
     * Waits until a descriptor is ready, or something else happened. The caller has entered.
     *
     * @param fd the descriptor, or another one that is as long open
     * @param forWriting whether to wait for room rather than for something to read
     * @param hangUp ends the wait too when its other end is closed; negative for none
     * @param nanos how long; 0 does not wait, and is not interrupted; negative for ever
     * @param verb on whose behalf
     * @return false after the time; true when it may be ready, or the other end is closed
     * @throws VerbsException EINTR when the thread is interrupted, whose status stays; EBADF when it was closed
     */
    public boolean await(int fd, boolean forWriting, int hangUp, long nanos, String verb) {
        boolean forever = nanos < 0;
        long start = forever ? 0 : System.nanoTime();
        Waiter waiter = begin(verb);
        WaitEvent recorded = nanos == 0 ? null : WaitEvent.started(verb, name);
        String outcome = WaitEvent.FAILED;
        try {
            waiter.watch(fd, forWriting, hangUp);
            long left = nanos;
            while (true) {
                boolean ready = waiter.await(forever ? -1 : EventChannel.millisRoundedUp(left));
                requireOpen(verb);
                if (ready) {
                    outcome = WaitEvent.ARRIVED;
                    return true;
                }
                if (nanos != 0 && Thread.currentThread().isInterrupted()) {
                    outcome = WaitEvent.INTERRUPTED;
                    throw new VerbsException(
                            verb, Errno.EINTR, "the thread was interrupted while it waited for " + name);
                }
                left = forever ? 0 : nanos - (System.nanoTime() - start);
                if (!forever && left <= 0) {
                    outcome = WaitEvent.TIMEOUT;
                    return false;
                }
            }
        } finally {
            end(waiter);
            WaitEvent.ended(recorded, outcome);
        }
    }

    private Waiter begin(String verb) {
        lock.lock();
        try {
            requireOpen(verb);
            Waiter waiter = idle.pollLast();
            if (waiter == null) {
                waiter = new Waiter(verb);
            }
            waiting.add(waiter);
            return waiter;
        } finally {
            lock.unlock();
        }
    }

    private void end(Waiter waiter) {
        lock.lock();
        try {
            waiting.remove(waiter);
            waiter.reset();
            idle.addLast(waiter);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether it is closed.
     *
     * @return true from the beginning of {@link #close} on
     */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Fails when it is closed.
     *
     * @param verb on whose behalf
     */
    public void requireOpen(String verb) {
        if (closed) {
            throw new VerbsException(verb, Errno.EBADF, name + " is closed");
        }
    }

    /** Closes it, once: waits end with EBADF, nobody can enter any more. */
    public void close() {
        boolean last;
        lock.lock();
        try {
            closed = true;
            for (int i = 0; i < waiting.size(); i++) {
                waiting.get(i).wakeup();
            }
            last = mayRelease();
        } finally {
            lock.unlock();
        }
        releaseIf(last);
    }

    private boolean mayRelease() {
        boolean now = closed && inside == 0 && !released;
        released |= now;
        return now;
    }

    private void releaseIf(boolean last) {
        if (last) {
            for (Waiter waiter : idle) {
                waiter.free();
            }
            release.run();
        }
    }
}
