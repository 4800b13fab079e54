package org.rddma.verbs.spi;

import java.util.concurrent.Future;

/** What a device does later, on a clock of the provider's choice. Safe for use by several threads. */
public interface DeviceTimer {
    /**
     * The time that delays are measured on.
     *
     * @return nanoseconds from any origin, never going back
     */
    long nanoTime();

    /**
     * Runs a task later, once, in a thread that holds no lock. Called under locks of this package: must not wait, and
     * must not run the task itself.
     *
     * @param task must not wait
     * @param delayNanos no earlier than after this time
     * @return to cancel it; null when the device is closed, and nothing needs to happen any more
     */
    Future<?> schedule(Runnable task, long delayNanos);
}
