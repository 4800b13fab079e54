package org.rddma.perftest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the two ends of a test tell each other apart from messages: that one has finished or failed. Spinning threads look at
 * it; it is written once per phase, so looking costs next to nothing.
 */
final class Control {
    static final int CLIENT_DONE = 1;
    static final int SERVER_DONE = 2;
    static final int FAILED = 4;

    private static final VarHandle STATE;
    private static final VarHandle PROGRESS = MethodHandles.arrayElementVarHandle(long[].class);

    /** Two counters, at the bits of their ends, far enough apart that the ends do not share a cache line. */
    private static final int STRIDE = 32;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Control.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] progress = new long[3 * STRIDE];

    @SuppressWarnings("unused") // through STATE
    private volatile int state;

    private volatile Throwable failure;
    private final AtomicInteger arrived = new AtomicInteger();

    /** Before each phase, while neither end runs. */
    void reset() {
        STATE.setVolatile(this, 0);
        failure = null;
        arrived.set(0);
    }

    /** Each end waits here for the other before a phase, so that none begins with a peer that is still asleep. */
    void meet() {
        arrived.incrementAndGet();
        while (arrived.get() < 2) {
            Thread.yield();
        }
    }

    boolean isAnyOf(int bits) {
        return ((int) STATE.getAcquire(this) & bits) != 0;
    }

    void done(int bit) {
        int unused = (int) STATE.getAndBitwiseOr(this, bit);
    }

    /** The first failure is kept: those that follow are its consequences. */
    synchronized void fail(Throwable thrown) {
        if (failure == null) {
            failure = thrown;
        }
        done(FAILED);
    }

    Throwable failure() {
        return failure;
    }

    /** Says how far an end is; for the watching thread. */
    void progress(End end, long count) {
        PROGRESS.setOpaque(progress, end.doneBit * STRIDE, count);
    }

    long progress(End end) {
        return (long) PROGRESS.getOpaque(progress, end.doneBit * STRIDE);
    }
}
