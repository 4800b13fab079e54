package org.rddma.verbs.app;

import java.util.function.BiConsumer;

/**
 * What an event loop does all day. For the thread that owns the loop; others offer tasks, wake it up and stop it.
 *
 * <p>A round: timers that are due, tasks, then a look at the descriptors, and then a turn for each source that is ready.
 * A source that used up its budget stays ready and has its next turn in the next round: so nobody starves. The loop sleeps
 * when no source is ready, until the next timer. The channels' descriptors are edge-triggered: a channel stays ready until
 * all its events are taken and all its queues are armed and empty ({@link CompletionWaiter} has the order that loses none),
 * and what comes after that makes an edge.
 *
 * <p>Callbacks are made from turns, timers and tasks only, never while the results of epoll are gone through. What they
 * remove is marked so, and has no turn any more.
 */
final class LoopCore {
    private static final long CHECK_NANOS = 1_000_000_000;
    private static final int CHECK_MILLIS = 1_000;

    private final EventLoopOptions options;
    private final LoopSelector selector = new LoopSelector();
    private final LoopTasks tasks;
    private final TimerHeap timers = new TimerHeap();
    private final LoopSources sources;
    private final LoopCounters counters = new LoopCounters();
    private volatile boolean stopping;
    private BiConsumer<Object, ? super Throwable> failureHandler;
    private long lastProgress = System.nanoTime();
    private long lastCheck = lastProgress;

    LoopCore(EventLoopOptions options) {
        this.options = options;
        tasks = new LoopTasks(options.maxTasks());
        sources = new LoopSources(this, selector, options.waiting());
    }

    LoopSources sources() {
        return sources;
    }

    LoopTasks tasks() {
        return tasks;
    }

    TimerHeap timers() {
        return timers;
    }

    LoopCounters counters() {
        return counters;
    }

    void onFailure(BiConsumer<Object, ? super Throwable> handler) {
        failureHandler = handler;
    }

    /** A callback threw something, or what it was to be called for has failed. */
    @SuppressWarnings("CatchingUnchecked") // it ends the loop, whatever it is
    void failed(Object what, Throwable failure) {
        Throwable fatal = failure;
        counters.others++;
        if (failureHandler != null) {
            try {
                failureHandler.accept(what, failure);
                return;
            } catch (Throwable e) {
                fatal = e;
            }
        }
        throw new LoopEndedException(fatal);
    }

    /** Ends the loop's sleep. */
    void wakeup() {
        selector.wakeup();
    }

    void stop() {
        stopping = true;
        selector.wakeup();
    }

    boolean isStopping() {
        return stopping;
    }

    /** The loop has ended. */
    void end() {
        stopping = true;
        tasks.end();
    }

    void close() {
        end();
        selector.close();
    }

    /** Runs the tasks that were accepted; no more are. */
    void runLastTasks() {
        tasks.end();
        runTasks(Integer.MAX_VALUE);
    }

    /** Goes around once; true when something was done or is left to do. */
    boolean round(boolean maySleep) {
        counters.rounds++;
        long before = counters.calls();
        long now = System.nanoTime();
        if (now - lastCheck >= CHECK_NANOS) {
            lastCheck = now;
            sources.findLost();
        }
        runTimers(now);
        runTasks(options.budget());
        select(maySleep && counters.calls() == before ? sleepMillis(now) : 0);
        for (int turns = sources.readyCount(); turns > 0 && !stopping; turns--) {
            sources.turn(options.budget());
        }
        boolean progress = counters.calls() != before;
        boolean left = sources.readyCount() > 0;
        if (progress) {
            lastProgress = now;
        } else if (maySleep && left) {
            pause(now);
        }
        return progress || left || tasks.size() > 0;
    }

    /** Nothing was found, but some queues are polled on for a while. */
    private void pause(long now) {
        if (now - lastProgress < options.waiting().spin().toNanos()) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    private void runTimers(long now) {
        LoopTimer timer = timers.first();
        for (int limit = timers.size(); limit > 0 && timer != null && timer.deadline - now <= 0 && !stopping; limit--) {
            boolean unused = timers.remove(timer);
            counters.timers++;
            call(timer, timer.action());
            timer = timers.first();
        }
    }

    private void runTasks(int limit) {
        Runnable task = tasks.take();
        for (int i = 1; task != null; i++) {
            counters.tasks++;
            call(task, task);
            task = i < limit ? tasks.take() : null;
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever it is, the handler of failures decides
    private void call(Object what, Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            failed(what, e);
        }
    }

    /** How long nothing is due, as far as is known; rounded up, so that no timer is early. */
    private int sleepMillis(long now) {
        if (sources.readyCount() > 0) {
            return 0;
        }
        LoopTimer first = timers.first();
        if (first == null) {
            return CHECK_MILLIS;
        }
        return (int) Math.max(0, Math.min(CHECK_MILLIS, (first.deadline - now + 999_999) / 1_000_000));
    }

    private void select(int millis) {
        int timeout = millis;
        if (timeout > 0) {
            selector.fallAsleep();
            if (tasks.size() > 0 || stopping) {
                timeout = 0;
            } else {
                counters.sleeps++;
            }
        }
        sources.select(timeout);
    }
}
