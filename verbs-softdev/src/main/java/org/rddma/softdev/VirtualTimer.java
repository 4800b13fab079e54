package org.rddma.softdev;

import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.rddma.verbs.spi.RetryTimer;

/** The timer of a context whose time is that of a schedule. */
final class VirtualTimer implements RetryTimer {
    private final Scheduler scheduler;
    private final String name;

    VirtualTimer(Scheduler scheduler, String name) {
        this.scheduler = scheduler;
        this.name = name;
    }

    @Override
    public Future<?> schedule(Runnable task, long delayNanos) {
        return scheduler.add(new Task(this, task), delayNanos);
    }

    @Override
    public long nanoTime() {
        return scheduler.now();
    }

    @Override
    public List<Thread> threads() {
        Thread thread = scheduler.thread();
        return thread != null && scheduler.hasTimers(this) ? List.of(thread) : List.of();
    }

    @Override
    public void close() {
        scheduler.close(this);
    }

    @Override
    public String toString() {
        return name;
    }

    /** Something that is to happen. */
    static final class Task extends FutureTask<Void> implements Comparable<Task> {
        final VirtualTimer timer;

        /** When, and after which others at that time; set once, by the scheduler. */
        long due;

        long sequence;

        Task(VirtualTimer timer, Runnable work) {
            super(work, null);
            this.timer = timer;
        }

        @Override
        protected void done() {
            if (isCancelled()) {
                timer.scheduler.remove(this);
            }
        }

        @Override
        @SuppressWarnings("ComparableMethodForEquals") // identity is what a set needs here
        public int compareTo(Task other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }
}
