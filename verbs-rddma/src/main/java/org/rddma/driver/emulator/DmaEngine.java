package org.rddma.driver.emulator;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Moves the data. A short copy is done at once on the driver thread; long ones, and short ones when the driver thread
 * has already copied much in this turn, go one after the other through a thread of their own, while other commands are
 * carried out. Nothing is promised about the order of the two kinds.
 */
final class DmaEngine {
    /** What {@link #copy} says of a copy that is over later. */
    static final int LATER = 1;

    private static final int SHORT = 64 << 10;
    private static final int TURN = 256 << 10;

    /** Told, on the driver thread, that a copy is over. */
    interface Done {
        void copied(Bind bind, int result);
    }

    private final Executor driverThread;
    private final Done done;
    private final Copier shortCopies = new Copier();
    private final BlockingQueue<Bind> waiting = new LinkedBlockingQueue<>();
    private final AtomicInteger faults = new AtomicInteger();
    private Thread thread;
    private volatile boolean closed;
    private int leftOfTurn = TURN;

    DmaEngine(Executor driverThread, Done done) {
        this.driverThread = driverThread;
        this.done = done;
    }

    /** A turn of the driver thread begins: it may copy again. */
    void nextTurn() {
        leftOfTurn = TURN;
    }

    /**
     * Copies a bind's bytes.
     *
     * @return 0; -5 when it failed; LATER when Done is told
     */
    int copy(Bind bind) {
        if (bind.length() <= SHORT && bind.length() <= leftOfTurn) {
            leftOfTurn -= (int) bind.length();
            return run(bind, shortCopies);
        }
        if (thread == null) {
            thread = Threads.start(this::copyLongOnes, "rddma-dma");
        }
        waiting.add(bind);
        return LATER;
    }

    /** Lets that many copies fail. */
    void fail(int count) {
        faults.updateAndGet(now -> (int) Math.min(Integer.MAX_VALUE, (long) now + Math.max(0, count)));
    }

    /** Ends the thread; what has not been copied never will. */
    void close() {
        closed = true;
        Threads.end(thread);
    }

    private void copyLongOnes() {
        Copier copier = new Copier();
        while (!closed) {
            try {
                Bind bind = waiting.take();
                int result = run(bind, copier);
                driverThread.execute(() -> done.copied(bind, result));
            } catch (InterruptedException | RejectedExecutionException e) {
                // the driver ends: nobody waits for this copy any more
                return;
            }
        }
    }

    private int run(Bind bind, Copier copier) {
        SharedBuffer to = bind.destination.buffer;
        SharedBuffer from = bind.source.buffer;
        if (to.deleted || from.deleted || faults.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
            return Results.IO_ERROR;
        }
        try {
            return copier.copy(
                    to.memory, bind.destination.offset, from.memory, bind.source.offset, bind.length(), () -> closed);
        } catch (RuntimeException | Error e) {
            return Results.IO_ERROR; // whatever it is: both events wait for this copy, and others for the thread
        }
    }
}
