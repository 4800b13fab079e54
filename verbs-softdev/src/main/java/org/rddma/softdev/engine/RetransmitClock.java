package org.rddma.softdev.engine;

import java.util.concurrent.Future;
import org.rddma.verbs.spi.RetryTimer;

/**
 * The point in time at which a requester no longer waits. It moves with every acknowledgement, the timer does not: there
 * is one task at most, and when it comes too early the next is made. So traffic makes a task once in a timeout, and none
 * for each message.
 */
final class RetransmitClock {
    private final RetryTimer timer;
    private final Runnable onTime;
    private final Runnable onTask = this::fire;

    private boolean running;
    private long deadline;
    private Future<?> task;
    private long taskTime;

    /** Written by the timer's thread. */
    private volatile boolean fired;

    /** Runs something, in the timer's thread, when the queue is to look at the time. */
    RetransmitClock(RetryTimer timer, Runnable onTime) {
        this.timer = timer;
        this.onTime = onTime;
    }

    private void fire() {
        fired = true;
        onTime.run();
    }

    boolean isRunning() {
        return running;
    }

    /** Sets the point in time, from now. */
    void start(long nanos) {
        running = true;
        deadline = timer.nanoTime() + nanos;
        if (task != null && taskTime - deadline > 0) {
            cancel();
        }
        if (task == null) {
            schedule(nanos);
        }
    }

    private void schedule(long nanos) {
        taskTime = deadline;
        task = timer.schedule(onTask, nanos);
    }

    /** Waits no longer. */
    void stop() {
        running = false;
    }

    /** Whether the time has come; then it waits no longer. Cheap as long as no task was run. */
    boolean isTime() {
        if (!fired) {
            return false;
        }
        fired = false;
        task = null;
        if (!running) {
            return false;
        }
        long left = deadline - timer.nanoTime();
        if (left > 0) {
            schedule(left);
            return false;
        }
        running = false;
        return true;
    }

    /** Waits no longer, and leaves nothing behind with the timer. */
    void cancel() {
        if (task != null) {
            boolean unused = task.cancel(false);
            task = null;
        }
    }
}
