package org.rddma.verbs.internal.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock for critical sections of a few dozen instructions, which makes no garbage when it is contended. It is not
 * re-entrant, and no user code runs under it. Alone on its cache lines. A thread that does not get it spins, then
 * yields (the holder may have lost its processor), then sleeps for moments (the holder may be copying a large message).
 */
@SuppressWarnings("unused")
public final class SpinLock extends CacheLinePadded {
    private volatile int state;

    byte r000, r001, r002, r003, r004, r005, r006, r007, r008, r009, r010, r011, r012, r013, r014, r015;
    byte r016, r017, r018, r019, r020, r021, r022, r023, r024, r025, r026, r027, r028, r029, r030, r031;
    byte r032, r033, r034, r035, r036, r037, r038, r039, r040, r041, r042, r043, r044, r045, r046, r047;
    byte r048, r049, r050, r051, r052, r053, r054, r055, r056, r057, r058, r059, r060, r061, r062, r063;
    byte r064, r065, r066, r067, r068, r069, r070, r071, r072, r073, r074, r075, r076, r077, r078, r079;
    byte r080, r081, r082, r083, r084, r085, r086, r087, r088, r089, r090, r091, r092, r093, r094, r095;
    byte r096, r097, r098, r099, r100, r101, r102, r103, r104, r105, r106, r107, r108, r109, r110, r111;
    byte r112, r113, r114, r115, r116, r117, r118, r119, r120, r121, r122, r123, r124, r125, r126, r127;

    private static final int SPINS = 200;
    private static final int YIELDS = 200;
    private static final long NAP_NANOS = 20_000;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(SpinLock.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A free lock. */
    public SpinLock() {}

    /** Takes the lock. */
    public void lock() {
        if (!STATE.compareAndSet(this, 0, 1)) {
            lockContended();
        }
    }

    /** Gives the lock back. */
    public void unlock() {
        STATE.setRelease(this, 0);
    }

    private void lockContended() {
        for (int attempt = 0; ; attempt++) {
            if (state == 0 && STATE.compareAndSet(this, 0, 1)) {
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
