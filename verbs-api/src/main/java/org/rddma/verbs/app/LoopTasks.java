package org.rddma.verbs.app;

import org.rddma.verbs.internal.ring.SpinLock;

/** Tasks in the order in which they came, up to a limit. Any thread may offer, one may take. */
final class LoopTasks {
    /** What became of an offer. */
    enum Answer {
        ACCEPTED,
        FULL,
        ENDED
    }

    private final SpinLock lock = new SpinLock();
    private final int limit;
    private Runnable[] tasks = new Runnable[16];
    private int head;
    private volatile int size;
    private boolean ended;

    LoopTasks(int limit) {
        this.limit = limit;
    }

    Answer offer(Runnable task) {
        lock.lock();
        try {
            int count = size;
            if (ended) {
                return Answer.ENDED;
            }
            if (count >= limit) {
                return Answer.FULL;
            }
            if (count == tasks.length) {
                grow();
            }
            tasks[head + count & tasks.length - 1] = task;
            setSize(count + 1);
            return Answer.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    /** The oldest task, or null. */
    Runnable take() {
        if (size == 0) {
            return null;
        }
        lock.lock();
        try {
            Runnable task = tasks[head];
            tasks[head] = null;
            head = head + 1 & tasks.length - 1;
            setSize(size - 1);
            return task;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        return size;
    }

    /** Accepts no more. */
    void end() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    private void grow() {
        int length = tasks.length;
        Runnable[] larger = new Runnable[length * 2];
        for (int i = 0; i < length; i++) {
            larger[i] = tasks[head + i & length - 1];
        }
        tasks = larger;
        head = 0;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock; volatile for those who look without it
    private void setSize(int newSize) {
        size = newSize;
    }
}
