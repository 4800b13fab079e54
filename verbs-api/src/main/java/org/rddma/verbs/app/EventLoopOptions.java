package org.rddma.verbs.app;

/**
 * How an {@link EventLoop} shares its time.
 *
 * @param waiting how long a completion queue is polled on before it is armed, and for which completions it is armed then
 * @param budget how many completions of one queue, events of one context, or tasks are dealt with before it is the
 *     others' turn: 1 to 65536. A small one is fair, a large one is fast
 * @param maxTasks how many tasks of other threads may wait, at least 1
 */
public record EventLoopOptions(WaitOptions waiting, int budget, int maxTasks) {
    /** Sleep as soon as there is nothing to do; 64 at a time; up to 65536 tasks. */
    public static final EventLoopOptions DEFAULT = new EventLoopOptions(WaitOptions.SLEEP, 64, 65_536);

    public EventLoopOptions {
        if (waiting == null) {
            throw new IllegalArgumentException("the wait options must not be null");
        }
        if (budget < 1 || budget > 65_536) {
            throw new IllegalArgumentException("the budget may be 1 to 65536, not " + budget);
        }
        if (maxTasks < 1) {
            throw new IllegalArgumentException("at least one task must be allowed, not " + maxTasks);
        }
    }

    /**
     * The same with another way to wait.
     *
     * @param value how to wait
     * @return new options
     */
    public EventLoopOptions withWaiting(WaitOptions value) {
        return new EventLoopOptions(value, budget, maxTasks);
    }

    /**
     * The same with another budget.
     *
     * @param value 1 to 65536
     * @return new options
     */
    public EventLoopOptions withBudget(int value) {
        return new EventLoopOptions(waiting, value, maxTasks);
    }

    /**
     * The same with room for another number of tasks.
     *
     * @param value at least 1
     * @return new options
     */
    public EventLoopOptions withMaxTasks(int value) {
        return new EventLoopOptions(waiting, budget, value);
    }
}
