package org.rddma.verbs.internal.ring;

import java.util.concurrent.locks.LockSupport;

/**
 * A lock for critical sections of a few dozen instructions, which makes no garbage when it is contended. It is not
 * re-entrant, and no user code runs under it. A thread that does not get it spins, then
 * yields (the holder may have lost its processor), then sleeps for moments (the holder may be copying a large message).
 */
public final class SpinLock extends IsolatedState {
    private static final int SPINS = 200;
    private static final int YIELDS = 200;
    private static final long NAP_NANOS = 20_000;

    /** A free lock. */
    public SpinLock() {}

    /** Takes the lock. */
    public void lock() {
        if (!casState(0, 1)) {
            lockContended();
        }
    }

    /** Gives the lock back. */
    public void unlock() {
        soState(0);
    }

    /**
     * Whether a thread has it.
     *
     * @return true when it is taken now
     */
    public boolean isLocked() {
        return lvState() != 0;
    }

    private void lockContended() {
        for (int attempt = 0; ; attempt++) {
            if (lvState() == 0 && casState(0, 1)) {
                return;
            }
            backOff(attempt);
        }
    }

    /**
     * Passes a little time, more of it the longer the caller has been waiting.
     *
     * @param attempt how often it has waited before
     */
    public static void backOff(int attempt) {
        if (attempt < SPINS) {
            Thread.onSpinWait();
        } else if (attempt < SPINS + YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(NAP_NANOS);
        }
    }
}
