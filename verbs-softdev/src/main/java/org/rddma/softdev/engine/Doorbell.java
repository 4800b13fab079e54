package org.rddma.softdev.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.rddma.verbs.internal.ring.IsolatedState;
import org.rddma.verbs.internal.ring.SpinLock;

/** Who may write into a send queue, and who runs it. */
final class Doorbell extends IsolatedState {
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
     *
     * Who wants both rights for something else (to modify, to close) says so first: posters then wait, and a runner
     * leaves after the entry that it is at. Whoever gives both rights back runs what was left.
     */
    private static final int POSTING = 1;
    private static final int RUNNING = 2;
    private static final int PENDING = 4;

    private static final VarHandle WANTED;

    static {
        try {
            WANTED = MethodHandles.lookup().findVarHandle(Doorbell.class, "wanted", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How many threads want both rights. */
    private volatile int wanted;

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
        return wanted == 0 && casState(0, POSTING | RUNNING) || beginPostContended();
    }

    private boolean beginPostContended() {
        for (int attempt = 0; ; attempt++) {
            int current = lvState();
            if ((current & POSTING) == 0 && wanted == 0) {
                int next = current == 0 ? POSTING | RUNNING : current | POSTING;
                if (casState(current, next)) {
                    return current == 0;
                }
            }
            SpinLock.backOff(attempt);
        }
    }

    /** Gives up both rights, by a poster that has both and has run the queue. */
    void endPostAndRun() {
        soState(0);
    }

    /** Gives up the right to post and keeps that to run, by a poster that has both. */
    void endPostKeepRun() {
        soState(RUNNING);
    }

    /**
     * Gives up the right to post, by a poster that found a runner.
     *
     * @return true when the runner has gone: the caller must run the queue, and then call {@link #endRun}
     */
    boolean endPostForRunner() {
        while (true) {
            int current = lvState();
            boolean running = (current & RUNNING) != 0;
            int next = current & ~POSTING | (running ? PENDING : RUNNING);
            if (casState(current, next)) {
                return !running;
            }
        }
    }

    /** Says that there is work, without waiting for anybody. */
    Ring ring() {
        while (true) {
            int current = lvState();
            if ((current & POSTING) != 0) {
                return Ring.BUSY;
            }
            boolean running = (current & RUNNING) != 0;
            if (casState(current, current | (running ? PENDING : RUNNING))) {
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
            int current = lvState();
            boolean pending = (current & PENDING) != 0;
            if (casState(current, current & ~(pending ? PENDING : RUNNING))) {
                return !pending;
            }
        }
    }

    /** Gives up the right to run, whatever came in meanwhile. */
    void abandonRun() {
        int current;
        do {
            current = lvState();
        } while (!casState(current, current & ~(RUNNING | PENDING)));
    }

    /** Whether somebody posts or runs. */
    boolean isTaken() {
        return lvState() != 0;
    }

    /** Whether a runner is to leave after the entry that it is at. */
    boolean isWanted() {
        return wanted != 0;
    }

    /** Waits until nobody posts or runs, and takes both rights. */
    void lockAll() {
        int unused = (int) WANTED.getAndAdd(this, 1);
        for (int attempt = 0; !casState(0, POSTING | RUNNING); attempt++) {
            SpinLock.backOff(attempt);
        }
        unused = (int) WANTED.getAndAdd(this, -1);
    }
}
