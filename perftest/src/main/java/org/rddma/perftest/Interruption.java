package org.rddma.perftest;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** While it is open, a process that is told to end (Ctrl-C) ends its run first, and waits for the report. */
final class Interruption implements AutoCloseable {
    /** Longer than the other end is waited for: its news twice 3 s, its farewell 4 s. */
    private static final long PATIENCE_SECONDS = 12;

    private final CountDownLatch reported = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupt, "perftest-interruption");
    private Runnable end;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** From now on there is something to report; this ends it early. */
    synchronized void ends(Runnable run) {
        end = run;
    }

    /** There is nothing left to end: only the report must be written. */
    synchronized void over() {
        if (end != null) {
            end = () -> {};
        }
    }

    /** What the process does when it is told to end: returns when the report is out. */
    void interrupt() {
        synchronized (this) {
            if (end == null) {
                return;
            }
            end.run();
        }
        try {
            boolean unused = reported.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The report is out. */
    @Override
    public void close() {
        reported.countDown();
        try {
            boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is about to end
        }
    }
}
