package org.rddma.softdev.engine;

import java.util.List;
import java.util.concurrent.Future;

/** Runs what must happen later, and knows the time. Safe for use by several threads. */
public interface RetryTimer {
    /**
     * Runs a task later, once.
     *
     * @param task must not wait
     * @param delayNanos no earlier than after this time
     * @return to cancel it; null when the context is closed
     */
    Future<?> schedule(Runnable task, long delayNanos);

    /**
     * The time that delays are measured in.
     *
     * @return nanoseconds since some moment; may overflow, so compare differences
     */
    long nanoTime();

    /**
     * Its thread.
     *
     * @return one or none
     */
    List<Thread> threads();

    /** Drops what is still to be run, and ends the thread. */
    void close();
}
