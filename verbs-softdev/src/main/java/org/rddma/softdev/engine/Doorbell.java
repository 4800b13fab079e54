package org.rddma.softdev.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.rddma.verbs.internal.ring.CacheLinePadded;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * Who may write into a send queue, and who runs it. Alone on its cache lines.
 */
@SuppressWarnings("unused")
final class Doorbell extends CacheLinePadded {
    private volatile int state;

    byte r000, r001, r002, r003, r004, r005, r006, r007, r008, r009, r010, r011, r012, r013, r014, r015;
    byte r016, r017, r018, r019, r020, r021, r022, r023, r024, r025, r026, r027, r028, r029, r030, r031;
    byte r032, r033, r034, r035, r036, r037, r038, r039, r040, r041, r042, r043, r044, r045, r046, r047;
    byte r048, r049, r050, r051, r052, r053, r054, r055, r056, r057, r058, r059, r060, r061, r062, r063;
    byte r064, r065, r066, r067, r068, r069, r070, r071, r072, r073, r074, r075, r076, r077, r078, r079;
    byte r080, r081, r082, r083, r084, r085, r086, r087, r088, r089, r090, r091, r092, r093, r094, r095;
    byte r096, r097, r098, r099, r100, r101, r102, r103, r104, r105, r106, r107, r108, r109, r110, r111;
    byte r112, r113, r114, r115, r116, r117, r118, r119, r120, r121, r122, r123, r124, r125, r126, r127;

    /*
     * The device runs in the thread that rings. Three bits:
     *
     *   POSTING  a thread writes entries: others wait for it, which is short
     *   RUNNING  a thread executes entries: others leave their work to it
     *   PENDING  work came in while a thread was running: it goes round again before it leaves
     *
     * A poster that finds nobody takes both rights with one compare-and-set. For a short message it keeps both until
     * it is executed, and gives them back with a plain store: while it holds both, nobody else writes the word. For a
     * long one it gives up posting first, so that nobody waits for the copy.
     *
     * A poster that finds a runner sets PENDING when its entries are written, and goes. A runner that leaves while
     * somebody posts leaves the running to the poster. So no entry is ever left without somebody who will execute it.
     *
     * Who has work for the queue but neither posts nor may wait (see ring) and finds somebody posting must come again
     * later.
     */
    private static final int POSTING = 1;
    private static final int RUNNING = 2;
    private static final int PENDING = 4;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Doorbell.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What {@link #ring} found. */
    enum Ring {
        /** Nobody: the caller must run the queue, and then call {@link #endRun}. */
        RUN,
        /** Somebody who will go round again. */
        LEFT_TO_RUNNER,
        /** Somebody who writes entries: call again later. */
        BUSY
    }

    /**
     * Takes the right to post, and with it the right to run if nobody has it.
     *
     * @return true when the caller may run the queue too
     */
    boolean beginPost() {
        return STATE.compareAndSet(this, 0, POSTING | RUNNING) || beginPostContended();
    }

    private boolean beginPostContended() {
        for (int attempt = 0; ; attempt++) {
            int current = state;
            if ((current & POSTING) == 0) {
                int wanted = current == 0 ? POSTING | RUNNING : current | POSTING;
                if (STATE.compareAndSet(this, current, wanted)) {
                    return current == 0;
                }
            }
            SpinLock.backOff(attempt);
        }
    }

    /** Gives up both rights, by a poster that has both and has run the queue. */
    void endPostAndRun() {
        STATE.setRelease(this, 0);
    }

    /** Gives up the right to post and keeps that to run, by a poster that has both. */
    void endPostKeepRun() {
        STATE.setRelease(this, RUNNING);
    }

    /**
     * Gives up the right to post, by a poster that found a runner.
     *
     * @return true when the runner has gone: the caller must run the queue, and then call {@link #endRun}
     */
    boolean endPostForRunner() {
        while (true) {
            int current = state;
            boolean running = (current & RUNNING) != 0;
            int wanted = current & ~POSTING | (running ? PENDING : RUNNING);
            if (STATE.compareAndSet(this, current, wanted)) {
                return !running;
            }
        }
    }

    /** Says that there is work, without waiting for anybody. */
    Ring ring() {
        while (true) {
            int current = state;
            if ((current & POSTING) != 0) {
                return Ring.BUSY;
            }
            boolean running = (current & RUNNING) != 0;
            if (STATE.compareAndSet(this, current, current | (running ? PENDING : RUNNING))) {
                return running ? Ring.LEFT_TO_RUNNER : Ring.RUN;
            }
        }
    }

    /**
     * Gives up the right to run.
     *
     * @return false when work came in meanwhile: run again
     */
    boolean endRun() {
        while (true) {
            int current = state;
            boolean pending = (current & PENDING) != 0;
            if (STATE.compareAndSet(this, current, current & ~(pending ? PENDING : RUNNING))) {
                return !pending;
            }
        }
    }

    /** Gives up the right to run, whatever came in meanwhile. */
    void abandonRun() {
        while (!endRun()) {
            Thread.onSpinWait();
        }
    }

    /** Waits until nobody posts or runs, and takes both rights. */
    void lockAll() {
        for (int attempt = 0; !STATE.compareAndSet(this, 0, POSTING | RUNNING); attempt++) {
            SpinLock.backOff(attempt);
        }
    }
}
