package org.rddma.verbs.app;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.NotificationType;

/**
 * How {@link Futures} waits, and what runs where. Immutable, and safe for use by several threads.
 *
 * @param waiting how the dispatching thread passes its time; its notification must be for ANY completion, and
 *     spin and yield may be 100 milliseconds together: while it polls it neither attaches nor closes
 * @param dependents completes the futures, and so runs what depends on them. With {@code Runnable::run} that is the
 *     dispatching thread: the fastest, but what depends on a future must then not wait, or no other future completes
 *     meanwhile
 * @param others gets, in the dispatching thread, the completions of requests that were posted past the futures: of a
 *     shared receive queue for instance. They are only lent
 */
public record FutureOptions(WaitOptions waiting, Executor dependents, CompletionHandler others) {
    /** Polls a little before it sleeps, completes in the common pool, ignores the completions of other requests. */
    public static final FutureOptions DEFAULT =
            new FutureOptions(WaitOptions.ADAPTIVE, ForkJoinPool.commonPool(), completion -> {});

    public FutureOptions {
        if (waiting == null || dependents == null || others == null) {
            throw new IllegalArgumentException("waiting, dependents and others must not be null");
        }
        if (waiting.notification() != NotificationType.ANY) {
            throw new IllegalArgumentException("futures complete with any completion: wait for NotificationType.ANY");
        }
        if (waiting.isTooDeaf()) {
            throw new IllegalArgumentException("spin and yield may be " + WaitOptions.LONGEST_SHARED_POLL.toMillis()
                    + " ms together, not " + waiting.spin().plus(waiting.yield())
                    + ": a thread that spins cannot be woken");
        }
    }

    /**
     * The same with another way to pass the time.
     *
     * @param options how the dispatching thread waits
     * @return new options
     */
    public FutureOptions withWaiting(WaitOptions options) {
        return new FutureOptions(options, dependents, others);
    }

    /**
     * The same with another place for what depends on the futures.
     *
     * @param executor completes the futures
     * @return new options
     */
    public FutureOptions withDependents(Executor executor) {
        return new FutureOptions(waiting, executor, others);
    }

    /**
     * The same with another place for completions of requests that were posted past the futures.
     *
     * @param handler is called in the dispatching thread
     * @return new options
     */
    public FutureOptions withOthers(CompletionHandler handler) {
        return new FutureOptions(waiting, dependents, handler);
    }
}
