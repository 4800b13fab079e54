package org.rddma.perftest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the two ends of a test tell each other apart from messages: that one has finished or failed. Spinning
 * threads look at it; it is written once per phase, so looking costs next to nothing.
 */
final class Control {
    static final int CLIENT_DONE = 1;
    static final int SERVER_DONE = 2;
    static final int FAILED = 4;
    /** Somebody wants the run to end with what it has measured. Outlives the phase. */
    static final int INTERRUPTED = 8;

    /** What ends every wait. */
    static final int ENDED = FAILED | INTERRUPTED;

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

    /** By end; made visible by the bits of {@link #STATE}. */
    private final long[] announced = new long[2];

    @SuppressWarnings("unused") // through STATE
    private volatile int state;

    private volatile Throwable failure;
    private final AtomicInteger arrived = new AtomicInteger();
    private final AtomicLong phase = new AtomicLong();

    /** Before each phase, while neither end runs; by the thread of the run. */
    void reset() {
        int unused = (int) STATE.getAndBitwiseAnd(this, INTERRUPTED);
        failure = null;
        arrived.set(0);
        progress(End.CLIENT, 0);
        progress(End.SERVER, 0);
        phase.incrementAndGet();
    }

    /** The number of the phase, from 1; 0 before the first. */
    long phase() {
        return phase.get();
    }

    /**
     * So many threads wait here for each other before a phase, so that none begins with a peer that is still
     * asleep.
     */
    void meet(int threads) {
        arrived.incrementAndGet();
        while (arrived.get() < threads) {
            Thread.yield();
        }
    }

    /** An end has sent so many messages in this phase, and no more. */
    void announce(End end, long messages) {
        announced[end.index] = messages;
        done(end.doneBit);
    }

    /** Once the end is done. */
    long announced(End end) {
        return isAnyOf(end.doneBit) ? announced[end.index] : 0;
    }

    boolean isAnyOf(int bits) {
        return ((int) STATE.getAcquire(this) & bits) != 0;
    }

    void done(int bit) {
        int unused = (int) STATE.getAndBitwiseOr(this, bit);
    }

    void interrupt() {
        done(INTERRUPTED);
    }

    boolean isInterrupted() {
        return isAnyOf(INTERRUPTED);
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
