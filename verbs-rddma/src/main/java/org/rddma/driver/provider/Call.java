package org.rddma.driver.provider;

/** One set-up command and what comes of it: somebody waits for the reply. */
final class Call {
    private String line;
    private int result;
    private long mmapOffset = -1;
    private boolean done;

    synchronized void complete(int code, long offset, String text) {
        result = code;
        mmapOffset = offset;
        line = text;
        done = true;
        notifyAll();
    }

    synchronized boolean isDone() {
        return done;
    }

    /** Waits for the reply; false when it has not come by then. An interrupt does not end the wait, and is kept. */
    synchronized boolean await(long nanos) {
        long deadline = System.nanoTime() + nanos;
        boolean interrupted = false;
        while (!done) {
            long millis = (deadline - System.nanoTime() + 999_999) / 1_000_000;
            if (millis <= 0) {
                break;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return done;
    }

    synchronized int result() {
        return result;
    }

    synchronized long mmapOffset() {
        return mmapOffset;
    }

    synchronized String line() {
        return line;
    }
}
