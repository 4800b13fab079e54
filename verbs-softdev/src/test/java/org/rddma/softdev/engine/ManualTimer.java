package org.rddma.softdev.engine;

import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.rddma.verbs.spi.RetryTimer;

/** A timer whose time the test moves. */
final class ManualTimer implements RetryTimer {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long now = 1_000_000;
    private long scheduled;

    private static final class Task extends FutureTask<Void> implements Comparable<Task> {
        final long due;
        final long sequence;

        Task(Runnable work, long due, long sequence) {
            super(work, null);
            this.due = due;
            this.sequence = sequence;
        }

        @Override
        @SuppressWarnings("ComparableMethodForEquals") // never compared but by the queue
        public int compareTo(Task other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    @Override
    public synchronized Future<?> schedule(Runnable task, long delayNanos) {
        Task added = new Task(task, now + Math.max(0, delayNanos), scheduled++);
        tasks.add(added);
        return added;
    }

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public List<Thread> threads() {
        return List.of();
    }

    @Override
    public void close() {}

    /** How many tasks there were ever. */
    synchronized long scheduled() {
        return scheduled;
    }

    /** How many tasks are still to be run. */
    synchronized int pending() {
        tasks.removeIf(FutureTask::isCancelled);
        return tasks.size();
    }

    /** Moves the time on, and runs what becomes due on the way. */
    void advance(long nanos) {
        long end = nanoTime() + nanos;
        while (runBefore(end)) {}
        synchronized (this) {
            now = end;
        }
    }

    /** Runs what is due now. */
    void runDue() {
        advance(0);
    }

    /** Moves the time to the next task and runs it; false when there is none. */
    boolean runNext() {
        return runBefore(Long.MAX_VALUE);
    }

    private boolean runBefore(long end) {
        Task task;
        synchronized (this) {
            if (pending() == 0 || tasks.element().due > end) {
                return false;
            }
            task = tasks.remove();
            now = Math.max(now, task.due);
        }
        task.run();
        return true;
    }
}
