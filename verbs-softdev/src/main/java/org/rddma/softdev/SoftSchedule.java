package org.rddma.softdev;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Decides when the devices of a {@link SoftFabric} do what they have to do, from one seed, on a clock of its own. An
 * ordinary software device does everything at once, in the thread that posts. A device with a schedule does nothing by
 * itself: posting leaves a step to be done, executing an entry leaves completions to be delivered, a completion leaves
 * an event to be raised, a retry leaves a timer to fire. Each {@link #step()} does one of them, chosen among those that
 * the rules of verbs allow, and uses the {@link Freedoms} that a device has.
 *
 * <p>One seed, one history: with the same seed, the same freedoms and the same calls, made by one thread, the {@linkplain
 * #trace() trace} is the same, byte for byte, as long as the version of this library is the same. The trace has a line
 * for each step, with its number and its time on the virtual clock:
 *
 * <pre>
 * #17 12.288us execute queue pair soft0:17 send wr 5 rdma-write-with-imm 64 bytes -&gt; queue pair soft0:18: done
 * #18 12.731us complete queue pair soft0:18 recv wr 9 success -&gt; completion queue 3 of soft0
 * #19 13.264us raise event of completion queue 3 of soft0
 * #20 13.900us execute queue pair soft0:19 send wr 1 send 8 bytes -&gt; queue pair soft0:20: drop datagram
 * #21 14.412us fire retry timer of soft0 context 1: queue pair soft0:17 tries again
 * #22 14.871us advance the clock by 655.360us
 * #23 670.231us wake completion channel 1 of soft0 without an event
 * -- 671.006us arm completion queue 3 of soft0, which holds completions: fires at once
 * </pre>
 *
 * A queue pair is named by its device and its number. Lines without a number are what happened while a verb was called
 * or a time stamp taken: that a queue was armed, and whether it fired at once; that a clock jumped; what became of the
 * completions of a queue pair that was reset or closed.
 *
 * <p>Step by hand, one step or {@linkplain #runUntilIdle() until nothing is left to do}, or let the schedule step on a
 * {@linkplain #start() thread of its own}. Faults are injected between steps by calling verbs, or {@linkplain #at at a
 * certain step}.
 *
 * <p>Safe for use by several threads; a history can be replayed only if one thread does everything. Steps are carried
 * out one at a time, in the thread that calls {@link #step()} or in the schedule's own. No verb waits for a step, so
 * actions and the listener of the trace, which are called while a step is being carried out, may call verbs; they
 * must not step, nor wait for something that only another step could bring.
 */
public final class SoftSchedule {
    private static final int MANY = 10_000_000;

    private final long seed;
    private final Scheduler scheduler;
    private final AtomicBoolean taken = new AtomicBoolean();
    private String name = "fabric";

    /** The own thread; changed under this object's monitor. */
    private volatile Thread thread;

    private volatile boolean stopping;

    private SoftSchedule(long seed, Freedoms freedoms) {
        this.seed = seed;
        scheduler = new Scheduler(seed, freedoms);
    }

    /**
     * A schedule that uses {@linkplain Freedoms#all() every freedom}.
     *
     * @param seed of its choices
     * @return for one {@link SoftFabric}
     */
    public static SoftSchedule seeded(long seed) {
        return seeded(seed, Freedoms.all());
    }

    /**
     * A schedule that uses some freedoms.
     *
     * @param seed of its choices
     * @param freedoms which, and how often
     * @return for one {@link SoftFabric}
     */
    public static SoftSchedule seeded(long seed, Freedoms freedoms) {
        if (freedoms == null) {
            throw new IllegalArgumentException("the freedoms are null: give Freedoms.none() for none");
        }
        return new SoftSchedule(seed, freedoms);
    }

    /**
     * What its choices follow from.
     *
     * @return as given
     */
    public long seed() {
        return seed;
    }

    /**
     * What it makes use of now.
     *
     * @return as given last
     */
    public Freedoms freedoms() {
        return scheduler.freedoms();
    }

    /**
     * Uses other freedoms from now on: for a part of a history.
     *
     * @param freedoms which, and how often
     */
    public void allow(Freedoms freedoms) {
        if (freedoms == null) {
            throw new IllegalArgumentException("the freedoms are null: give Freedoms.none() for none");
        }
        scheduler.freedoms(freedoms);
    }

    /**
     * Does one of the steps that are pending. Where only timers are left, advances the clock to the next of them.
     *
     * @return false when there was nothing to do
     * @throws IllegalStateException when called by an action or by the listener of the trace
     */
    public boolean step() {
        return scheduler.step();
    }

    /**
     * Steps until nothing is left to do.
     *
     * @return how many steps
     * @throws IllegalStateException when that takes more than ten million, as with a request whose peer never posts a
     *     receive and whose RNR retries are endless
     */
    public int runUntilIdle() {
        int steps = runUntilIdle(MANY);
        if (steps == MANY) {
            throw new IllegalStateException(
                    "not idle after " + MANY + " steps: something is tried again for ever; give a limit");
        }
        return steps;
    }

    /**
     * Steps until nothing is left to do, or so many steps are done.
     *
     * @param maxSteps at most
     * @return how many steps
     */
    public int runUntilIdle(int maxSteps) {
        int steps = 0;
        while (steps < maxSteps && step()) {
            steps++;
        }
        return steps;
    }

    /**
     * Steps until something is true.
     *
     * @param condition looked at before each step, and at the end
     * @param maxSteps at most
     * @return false when it is not true though nothing is left to do, or so many steps are done
     * @throws IllegalArgumentException when the condition is null
     */
    public boolean runUntil(BooleanSupplier condition, int maxSteps) {
        if (condition == null) {
            throw new IllegalArgumentException("the condition is null");
        }
        for (int steps = 0; !condition.getAsBoolean(); steps++) {
            if (steps >= maxSteps || !step()) {
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    /**
     * How much is waiting to be done: queue pairs with an entry that can be executed, completions, events, timers. An
     * action {@linkplain #at planned} for a later step does not count.
     *
     * @return 0 when idle
     */
    public int pendingSteps() {
        return scheduler.pending();
    }

    /**
     * How many steps were done.
     *
     * @return the number of the last step; steps count from 1
     */
    public long steps() {
        return scheduler.steps();
    }

    /**
     * The virtual clock. Each step takes some time on it, a few hundred nanoseconds; otherwise it is advanced when a
     * timer is waited for.
     *
     * @return nanoseconds since the schedule was made
     */
    public long nowNanos() {
        return scheduler.now();
    }

    /**
     * Plans an action, such as a fault: it takes the place of a step. When nothing is left to do before its turn comes,
     * it waits for more to do.
     *
     * @param step its number; when that step is done already, the next
     * @param what in words, for the trace
     * @param action run by the thread that steps; what it throws is thrown by {@link #step()}. It may call verbs
     * @throws IllegalArgumentException when something is null
     */
    public void at(long step, String what, Runnable action) {
        if (what == null || action == null) {
            throw new IllegalArgumentException("an action and its description are needed");
        }
        scheduler.plan(step, what, action);
    }

    /**
     * What has happened.
     *
     * @return a line for each step, in order; of a long history, the last hundred thousand
     */
    public List<String> trace() {
        return scheduler.trace();
    }

    /**
     * Has each line of the trace told as it happens.
     *
     * @param listener called by the thread that steps, at the end of the step; null for none. It may call verbs
     */
    public void onTrace(Consumer<String> listener) {
        scheduler.listener(listener);
    }

    /**
     * Steps in a thread of its own from now on, for programs that block. Where only timers are left, time passes as on
     * an ordinary clock. The thread is a daemon, and runs until {@link #stop()}; an exception of an action goes to the
     * thread's uncaught exception handler, and it goes on.
     *
     * @throws IllegalStateException when it has one already
     */
    public void start() {
        if (thread == Thread.currentThread()) { // an action; whoever stops it holds the monitor and waits for it
            throw new IllegalStateException("the schedule has a thread already");
        }
        startOnce();
    }

    private synchronized void startOnce() {
        if (thread != null) {
            throw new IllegalStateException("the schedule has a thread already");
        }
        stopping = false;
        Thread started = new Thread(this::run, name + " schedule");
        started.setDaemon(true);
        scheduler.thread(started);
        thread = started;
        started.start();
    }

    /** Ends its own thread, if there is one, after the step that it is at. What is pending stays pending. */
    public void stop() {
        if (thread == Thread.currentThread()) {
            throw new IllegalStateException("an action cannot stop the schedule's thread, in which it runs");
        }
        stopOnce();
    }

    private synchronized void stopOnce() {
        Thread running = thread;
        if (running == null) {
            return;
        }
        stopping = true;
        boolean interrupted = false;
        while (running.isAlive()) {
            LockSupport.unpark(running);
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        scheduler.thread(null);
        thread = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Thread self = Thread.currentThread();
        while (!stopping) {
            try {
                if (waitForWork()) {
                    boolean unused = scheduler.step();
                }
            } catch (RuntimeException | Error e) { // of an action, or of the listener
                self.getUncaughtExceptionHandler().uncaughtException(self, e);
            }
            boolean unused = Thread.interrupted(); // not a way to end this thread, and park would not park again
        }
    }

    /** Waits until something is to be done; for a timer, as long as it takes on an ordinary clock. */
    private boolean waitForWork() {
        long nanos = scheduler.idleNanos();
        if (nanos == Long.MAX_VALUE) {
            LockSupport.park(this);
            return false;
        }
        long start = System.nanoTime();
        while (nanos > 0) {
            long left = nanos - (System.nanoTime() - start);
            if (left <= 0) {
                break;
            }
            LockSupport.parkNanos(this, left);
            if (stopping) {
                return false;
            }
            nanos = Math.min(nanos, scheduler.idleNanos());
        }
        return true;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    /** Takes it for a fabric. */
    void take() {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalArgumentException("the schedule belongs to another fabric: make one for each");
        }
    }

    /** Its thread is named after the first device. */
    synchronized void nameAfter(String device) {
        name = device;
    }

    @Override
    public String toString() {
        return "schedule of seed " + seed + " with " + freedoms();
    }
}
