package org.rddma.verbs.spi;

import java.util.List;

/** Runs what must happen later, and knows the time. Safe for use by several threads. */
public interface RetryTimer extends DeviceTimer {
    /**
     * Its thread.
     *
     * @return one or none
     */
    List<Thread> threads();

    /** Drops what is still to be run, and ends the thread. */
    void close();
}
