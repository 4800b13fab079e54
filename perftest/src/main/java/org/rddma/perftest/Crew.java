package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;

/**
 * The threads that do the phases of a run, one for each end that is in this process, bound to processors if asked
 * for. The thread that has them work sleeps and watches: one that fails, or a run without progress, ends the
 * others.
 */
abstract sealed class Crew implements AutoCloseable permits Duo, Solo {
    /** What one end does in a phase. */
    interface Task {
        void run();
    }

    private static final long TICK_MILLIS = 250;

    private final List<ExecutorService> threads = new ArrayList<>();
    private final Control control;
    private final ProgressLine progressLine;
    private final Stall stall;
    private volatile Runnable wake = () -> {};

    /** With a thread for each of these ends; each is bound to the processor of the same place, if there are any. */
    Crew(Control control, List<End> ends, List<Integer> cpus, ProgressLine progressLine, Stall stall) {
        this.stall = stall;
        this.control = control;
        this.progressLine = progressLine;
        Task[] pins = new Task[ends.size()];
        for (int i = 0; i < pins.length; i++) {
            threads.add(thread("perftest-" + ends.get(i).title()));
            int cpu = cpus.isEmpty() ? 0 : cpus.get(i);
            pins[i] = () -> Os.pinThread(cpu);
        }
        if (!cpus.isEmpty()) {
            try {
                runAll(pins);
            } catch (VerbsException e) {
                close();
                throw new UsageException("--pin_cores: " + e.getMessage());
            }
        }
    }

    /** What wakes the ends from their channels when the run is over before its time. */
    final void onEnd(Runnable wakeUp) {
        wake = wakeUp;
    }

    /** Ends the run with what it has measured. For any thread. */
    final void interrupt() {
        control.interrupt();
        wake.run();
    }

    /** Ends the run as failed. For any thread. */
    final void fail(Throwable thrown) {
        control.fail(thrown);
        wake.run();
    }

    /** Wakes the ends, to look at what has changed. For any thread. */
    final void wakeup() {
        wake.run();
    }

    /** Runs one phase: returns when all threads have, or throws what the first to fail threw. */
    protected final void runAll(Task... tasks) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < tasks.length; i++) {
            Task task = tasks[i];
            running.add(threads.get(i).submit(() -> guarded(task)));
        }
        Watch watch = new Watch();
        for (Future<?> end : running) {
            await(end, watch);
        }
        progressLine.clear();
        rethrow();
    }

    /** Throws what the first to fail threw, if any did. */
    final void rethrow() {
        Throwable failure = control.failure();
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever it is, the other end must stop
    private void guarded(Task task) {
        try {
            control.meet(threads.size());
            task.run();
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private void await(Future<?> end, Watch watch) {
        while (true) {
            try {
                end.get(TICK_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                watch.tick();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a guarded task throws nothing", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                fail(new RunFailedException("interrupted"));
                throw new RunFailedException("interrupted");
            }
        }
    }

    @Override
    public final void close() {
        threads.forEach(ExecutorService::shutdown);
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Looks at the progress of a phase now and then. */
    private final class Watch {
        private final long start = System.nanoTime();
        private long lastChange = start;
        private long lastSum = -1;

        void tick() {
            long now = System.nanoTime();
            long clientCount = control.progress(End.CLIENT);
            long sum = clientCount + control.progress(End.SERVER);
            if (sum != lastSum) {
                lastSum = sum;
                lastChange = now;
            } else if (now - lastChange > TimeUnit.SECONDS.toNanos(stall.seconds())) {
                fail(new RunFailedException(
                        "no message got through for " + stall.seconds() + " seconds" + stall.hint()));
            }
            progressLine.show(now - start, sum);
        }
    }
}
