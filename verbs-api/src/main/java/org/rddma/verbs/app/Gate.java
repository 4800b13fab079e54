package org.rddma.verbs.app;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Lets in one thread at a time. A second one is a mistake and is told so, but for one that comes to close something: it
 * wakes the first and waits until that has left. Fair, and asked before every sleep whether somebody {@link #isWaited
 * waits}, because who is woken and comes back at once must not overtake the closer.
 *
 * <p>A user that finds the lock taken asks whether a closing has begun since it came: then that may be who has it, and
 * the user waits. It must look at the number before it looks for closers, which a closer changes in the other order.
 */
final class Gate {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final AtomicInteger closers = new AtomicInteger();

    /** How many closings were begun so far. */
    private final AtomicInteger closings = new AtomicInteger();

    /** Enters; while something is being closed after that, also for who is interrupted, which stays so. */
    void enter(String verb) {
        int before = closings.get();
        if (closers.get() > 0 && !lock.isHeldByCurrentThread()) {
            lock.lock();
        } else if (!lock.tryLock()) {
            if (closings.get() != before) {
                lock.lock();
                return;
            }
            throw new VerbsException(
                    verb,
                    Errno.EBUSY,
                    "another thread is in a call: use the queues of a group in one thread at a time");
        }
    }

    void leave() {
        lock.unlock();
    }

    /** Whether the thread that is inside should leave, because another wants to close something. */
    boolean isWaited() {
        return closers.get() > 0;
    }

    /** Enters after whoever is inside has left, which the wakeup makes it do. */
    void enterToClose(String verb, Runnable wakeup) {
        closers.incrementAndGet();
        closings.incrementAndGet();
        if (!lock.tryLock()) {
            wakeup.run();
            try {
                lockInterruptibly(verb);
            } catch (VerbsException e) {
                closers.decrementAndGet();
                throw e;
            }
        }
    }

    void leaveClosed() {
        lock.unlock();
        closers.decrementAndGet();
    }

    private void lockInterruptibly(String verb) {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VerbsException(
                    verb, Errno.EINTR, "interrupted while another thread was in a call: close again", e);
        }
    }
}
