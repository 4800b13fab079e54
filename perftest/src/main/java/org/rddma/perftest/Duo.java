package org.rddma.perftest;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;

/** The two threads of a run, bound to processors if asked for. The thread that calls {@link #run} sleeps and watches. */
final class Duo implements AutoCloseable {
    /** Without any message for so long the run has hung; the largest message takes a second or two. */
    private static final long STALLED_SECONDS = 60;

    private static final long TICK_MILLIS = 250;

    /** What one end does in a phase. */
    interface Task {
        void run();
    }

    private final ExecutorService client = thread("perftest-client");
    private final ExecutorService server = thread("perftest-server");
    private final Control control;
    private final ProgressLine progressLine;
    private volatile Runnable wake = () -> {};

    Duo(Control control, List<Integer> cpus, ProgressLine progressLine) {
        this.control = control;
        this.progressLine = progressLine;
        if (!cpus.isEmpty()) {
            int clientCpu = cpus.get(0);
            int serverCpu = cpus.get(1);
            try {
                run(() -> Os.pinThread(clientCpu), () -> Os.pinThread(serverCpu));
            } catch (VerbsException e) {
                close();
                throw new UsageException("--pin_cores: " + e.getMessage());
            }
        }
    }

    /** What wakes the ends from their channels when one of them has failed. */
    void onFailure(Runnable wake) {
        this.wake = wake;
    }

    /** Runs one phase: returns when both ends have, or throws what the first to fail threw. */
    void run(Task clientTask, Task serverTask) {
        control.reset();
        Future<?> clientEnd = client.submit(() -> guarded(clientTask));
        Future<?> serverEnd = server.submit(() -> guarded(serverTask));
        Watch watch = new Watch();
        await(clientEnd, watch);
        await(serverEnd, watch);
        progressLine.clear();
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
            control.meet();
            task.run();
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private void fail(Throwable thrown) {
        control.fail(thrown);
        wake.run();
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
    public void close() {
        client.shutdown();
        server.shutdown();
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
            } else if (now - lastChange > TimeUnit.SECONDS.toNanos(STALLED_SECONDS)) {
                fail(new RunFailedException("no message got through for " + STALLED_SECONDS + " seconds"));
            }
            progressLine.show(now - start, clientCount);
        }
    }
}
