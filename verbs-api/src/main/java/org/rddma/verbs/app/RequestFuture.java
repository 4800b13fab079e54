package org.rddma.verbs.app;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.WorkCompletion;

/**
 * The future of one work request. It completes with a completion of the caller's own, or exceptionally: with {@link
 * RequestFailedException} when the request failed or was flushed, with a {@link org.rddma.verbs.VerbsException} when
 * its completion will never be seen (EBADF: something was closed or reset; EIO: the device is gone; EOVERFLOW: the
 * completion queue was overrun). Safe for use by several threads.
 *
 * <p><b>The memory of a request is the device's until it is {@linkplain #isReleased() released}</b>, and so is its place
 * in the queue. Verbs cannot take a request back: a future that is cancelled, timed out or completed by hand is no longer
 * waited for, but the device may still read and write that memory. {@link #released()} tells when it is the program's
 * again.
 */
public final class RequestFuture extends CompletableFuture<WorkCompletion> {
    private static final AtomicReferenceFieldUpdater<RequestFuture, CompletableFuture<WorkCompletion>> RELEASED =
            releasedUpdater();

    private final RequestLane lane;
    private final long token;
    private final long wrId;

    /** What the device said, or why it will never be known: a completion, an exception, or null as yet. */
    private volatile Object ending;

    private volatile CompletableFuture<WorkCompletion> released;

    RequestFuture(RequestLane lane, long token, long wrId) {
        this.lane = lane;
        this.token = token;
        this.wrId = wrId;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an updater knows only the class of a field
    private static AtomicReferenceFieldUpdater<RequestFuture, CompletableFuture<WorkCompletion>> releasedUpdater() {
        return (AtomicReferenceFieldUpdater)
                AtomicReferenceFieldUpdater.newUpdater(RequestFuture.class, CompletableFuture.class, "released");
    }

    /**
     * The queue pair that the request was posted to.
     *
     * @return as attached
     */
    public QueuePair queuePair() {
        return lane.pair().queuePair();
    }

    /**
     * The id that the program gave the request.
     *
     * @return 64 bits of the caller's choice
     */
    public long wrId() {
        return wrId;
    }

    /**
     * Whether the device is done with the request: its memory is the program's again.
     *
     * @return true from its completion on, whatever its status
     */
    public boolean isReleased() {
        return ending instanceof WorkCompletion;
    }

    /**
     * Tells when the device is done with the request, also where this future was cancelled or has timed out.
     *
     * @return a new future that completes with the request's completion, whatever its status; exceptionally with the
     *     {@link org.rddma.verbs.VerbsException} when that will never be seen: then the memory is the program's only
     *     when the queue pair or the region is closed
     */
    public CompletableFuture<WorkCompletion> released() {
        if (released == null) {
            CompletableFuture<WorkCompletion> made = new CompletableFuture<>();
            RELEASED.compareAndSet(this, null, made);
        }
        CompletableFuture<WorkCompletion> future = released;
        tell(future, ending); // whoever ended it before it saw this future left it to us
        return future.copy();
    }

    /**
     * Cancels this future. The request itself cannot be taken back alone.
     *
     * @param mayInterruptIfRunning false: the request goes on. True: <b>the queue pair is taken to the error state</b>,
     *     as by {@link FutureQueuePair#cancelAll()}, so that the device gives the memory back soon: every request that
     *     is still posted to it is flushed, and the connection is over. Where that is not possible any more, this is as
     *     false
     * @return true when this future is cancelled now
     */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean open = !isDone();
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (open && cancelled && mayInterruptIfRunning && ending == null) {
            lane.pair().flush();
        }
        return cancelled;
    }

    /** What depends on this future has no request of its own. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    RequestLane lane() {
        return lane;
    }

    long token() {
        return token;
    }

    /** Ends the request, once; the program learns of it from the executor. */
    void end(Object how, Executor executor) {
        ending = how;
        try {
            executor.execute(this::settle);
        } catch (RuntimeException | Error e) { // an executor that takes no more must not make a future wait for ever
            settle();
        }
    }

    private void settle() {
        Object how = ending;
        CompletableFuture<WorkCompletion> future = released;
        if (future != null) {
            tell(future, how);
        }
        if (how instanceof WorkCompletion completion && !completion.isSuccess()) {
            completeExceptionally(new RequestFailedException(completion));
        } else {
            tell(this, how);
        }
    }

    private static void tell(CompletableFuture<WorkCompletion> future, Object how) {
        if (how instanceof WorkCompletion completion) {
            future.complete(completion);
        } else if (how instanceof Throwable failure) {
            future.completeExceptionally(failure);
        }
    }
}
