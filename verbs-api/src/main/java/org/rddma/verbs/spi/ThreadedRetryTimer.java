package org.rddma.verbs.spi;

import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer whose one thread exists only while something is due, and a moment longer. */
public final class ThreadedRetryTimer implements RetryTimer {
    private static final long LINGER_MILLIS = 200;

    private final ScheduledThreadPoolExecutor executor;
    private volatile Thread thread;

    /**
     * A timer without a thread.
     *
     * @param threadName for its thread, when it has one
     */
    public ThreadedRetryTimer(String threadName) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, threadName);
            created.setDaemon(true);
            thread = created;
            return created;
        });
        executor.setKeepAliveTime(LINGER_MILLIS, TimeUnit.MILLISECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Future<?> schedule(Runnable task, long delayNanos) {
        try {
            return executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            if (!executor.isShutdown()) { // otherwise the context is closed, and nothing needs to happen any more
                throw e;
            }
            return null;
        }
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public List<Thread> threads() {
        Thread current = thread;
        return current != null && current.isAlive() ? List.of(current) : List.of();
    }

    @Override
    public void close() {
        executor.shutdownNow();
        Thread current = thread;
        if (current == null || current == Thread.currentThread()) {
            return;
        }
        boolean interrupted = false;
        while (current.isAlive()) {
            try {
                current.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
