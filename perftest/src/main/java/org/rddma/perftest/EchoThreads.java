package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The threads of an echo service: they run until they are told to stop, or until one of them fails. */
final class EchoThreads {
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    /** What a thread does over and over. */
    interface Turn {
        void run() throws InterruptedException;
    }

    /** Starts a thread that takes turns. */
    void start(String name, Turn turn) {
        Thread thread = new Thread(() -> loop(turn), "perftest-echo-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    @SuppressWarnings("CatchingUnchecked") // whatever it is, the run must not go on
    private void loop(Turn turn) {
        try {
            while (!stopping) {
                turn.run();
            }
        } catch (Throwable thrown) {
            if (!stopping) {
                failure.compareAndSet(null, thrown);
            }
        }
    }

    boolean isStopping() {
        return stopping;
    }

    /** What ended one of them first; null while all is well. */
    Throwable failure() {
        return failure.get();
    }

    /** Ends them; waking those that sleep, as often as it takes, is up to the caller's way to do that. */
    void stop(Runnable wake) {
        stopping = true;
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                wake.run();
                try {
                    thread.join(10);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        threads.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
