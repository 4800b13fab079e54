package org.rddma.verbs.app;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Lets in one thread at a time. A second one is a mistake and is told so, but for one that comes to close something: it
 * wakes the first and waits until that has left. Fair, and asked before every sleep whether somebody {@link #isWaited
 * waits}, because who is woken and comes back at once must not overtake the closer.
 */
final class Gate {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final AtomicInteger closers = new AtomicInteger();

    void enter(String verb) {
        if (closers.get() > 0 && !lock.isHeldByCurrentThread()) {
            lockBehindOthers(verb);
        } else if (!lock.tryLock()) {
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
        if (!lock.tryLock()) {
            wakeup.run();
            try {
                lockBehindOthers(verb);
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

    private void lockBehindOthers(String verb) {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VerbsException(
                    verb,
                    Errno.EINTR,
                    "interrupted while another thread was in a call or closed something: try again",
                    e);
        }
    }
}
