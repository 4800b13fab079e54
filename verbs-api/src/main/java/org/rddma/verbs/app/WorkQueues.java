package org.rddma.verbs.app;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Requirements;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/**
 * Up to 4096 {@linkplain WorkQueue work queues} that one thread serves, on one channel: {@link #serve} waits for
 * messages of any of them and hands them over. Notifications of a busy queue are masked: it is armed only when all have
 * been found empty, and then raises one event at most. What one queue shares with its peer no other peer can reach.
 *
 * <p>For one thread at a time, with all queues of the group: a call that meets another thread's fails with EBUSY. {@link
 * #wakeup()} and the close methods may be called by any thread at any time.
 */
public final class WorkQueues implements AutoCloseable {
    /** How many queues a group can have. */
    public static final int MAX_QUEUES = 4096;

    /*
     * Nobody starves. Completions are taken from one queue at a time, at most BUDGET, and the waiter goes round the
     * queues. Messages wait in their queue; a queue that has some is in `ready` once, at the end, and gets a turn of at
     * most BUDGET messages. A call of serve takes completions of one queue more than get a turn, so that a queue whose
     * completions are not taken yet does not wait for those that are always ready.
     *
     *   completion queues --(round robin, <= BUDGET)--> messages of each queue, ready --(in turn, <= BUDGET)--> handler
     *
     * A queue whose handler answers false is taken out until another has room: see WorkQueue.suspend.
     */
    private static final int BUDGET = 64;

    final Gate gate = new Gate();
    final Context context;
    final CompletionChannel channel;
    final WorkQueueOptions options;
    final WorkCompletion[] completions = WorkCompletion.array(BUDGET);

    private final Context owned;
    private final CompletionWaiter waiter;
    private final Set<WorkQueueCore> queues = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ArrayDeque<WorkQueueCore> ready = new ArrayDeque<>();
    private boolean serving;

    /** The queue that had no room when the handler wanted to send, if any. */
    private WorkQueueCore refusing;

    private volatile boolean closed;

    WorkQueues(Context context, WorkQueueOptions options, Context owned) {
        this.options = options;
        this.owned = owned;
        this.context = context;
        channel = context.createCompletionChannel();
        waiter = new CompletionWaiter(channel, options.waiting());
    }

    /**
     * A group without queues in a context that is open already; others may use that too.
     *
     * @param context of any device; not closed with the group
     * @param options what each queue is to be
     * @return a new group
     * @throws VerbsException EINVAL when one is null; otherwise as {@link Context#createCompletionChannel}
     */
    public static WorkQueues on(Context context, WorkQueueOptions options) {
        if (context == null || options == null) {
            throw new VerbsException("WorkQueues.on", Errno.EINVAL, "the context or the options are null");
        }
        return new WorkQueues(context, options, null);
    }

    /**
     * A group without queues on the device that suits best, with a context of its own.
     *
     * @param requirements what the device must have; ask for as many {@linkplain Requirements#freeQueuePairs free queue
     *     pairs} and completion queues as the group is to have
     * @param options what each queue is to be
     * @return a new group; closing it closes the context
     * @throws VerbsException EINVAL when one is null; otherwise as {@link
     *     org.rddma.verbs.Selection#open(java.util.function.Function)}
     */
    public static WorkQueues request(Requirements requirements, WorkQueueOptions options) {
        checkRequest("WorkQueues.request", requirements, options);
        return Verbs.select(requirements).open(context -> new WorkQueues(context, options, context));
    }

    static void checkRequest(String verb, Requirements requirements, WorkQueueOptions options) {
        if (requirements == null || options == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the requirements or the options are null");
        }
    }

    /**
     * Makes a queue in this group.
     *
     * @return a new queue, not connected
     * @throws VerbsException as {@link #add(Object)}
     */
    public WorkQueue add() {
        return add(null);
    }

    /**
     * Makes a queue in this group.
     *
     * @param userContext what {@link WorkQueue#userContext()} gives back, such as the state of a session; may be null
     * @return a new queue, not connected
     * @throws VerbsException ENOMEM when there are {@value #MAX_QUEUES}, or the device's limit is reached; EINVAL when the
     *     depth is more than the device can do; EBUSY when another thread is in a call; EBADF when the group is closed
     */
    public WorkQueue add(Object userContext) {
        enter("WorkQueues.add");
        try {
            return make(userContext, false);
        } finally {
            gate.leave();
        }
    }

    WorkQueue make(Object userContext, boolean alone) {
        if (queues.size() >= MAX_QUEUES) {
            throw new VerbsException(
                    "WorkQueues.add",
                    Errno.ENOMEM,
                    "there are " + MAX_QUEUES + " queues in this group: close one, or make another group");
        }
        WorkQueue queue = new WorkQueue(this, userContext, alone);
        waiter.add(queue.core().completionQueue);
        queues.add(queue.core());
        return queue;
    }

    /**
     * Hands over messages that have arrived, and waits for them no longer than given if there are none. Each queue gets
     * a turn of at most 64 messages.
     *
     * @param handler gets the messages, in the calling thread, those of one queue in order
     * @param timeout how long; 0 or less does not wait
     * @param unit of the timeout
     * @return how many messages were taken; 0 when none came in time, when only requests were completed, or when woken by
     *     {@link #wakeup()} or an interrupt, which stays set: then call it again
     * @throws VerbsException EINVAL when the handler or the unit is null; EBUSY when another thread is in a call, or this
     *     one is in the handler; EBADF when the group or its context is closed, also while waiting; EIO when the device is
     *     gone, after all that has arrived was handed over
     */
    public int serve(WorkQueueHandler handler, long timeout, TimeUnit unit) {
        if (handler == null || unit == null) {
            throw new VerbsException(
                    "WorkQueues.serve", Errno.EINVAL, "the handler or the unit of the timeout is null");
        }
        enter("WorkQueues.serve");
        try {
            if (serving) {
                throw new VerbsException("WorkQueues.serve", Errno.EBUSY, "the handler is being called: return first");
            }
            serving = true;
            try {
                return serveInTurn(handler, unit.toNanos(timeout));
            } finally {
                serving = false;
            }
        } finally {
            gate.leave();
        }
    }

    private int serveInTurn(WorkQueueHandler handler, long timeoutNanos) {
        VerbsException gone = null;
        try {
            int count = pump(ready.isEmpty() ? timeoutNanos : 0);
            for (int more = ready.size(); more > 0 && count > 0; more--) {
                count = pump(0);
            }
        } catch (VerbsException e) {
            if (e.errno() != Errno.EIO) {
                throw e;
            }
            gone = e; // what has arrived before is handed over first
        }
        int taken = 0;
        for (int turns = ready.size(); turns > 0 && !closed; turns--) {
            taken += ready.remove().takeTurn(handler, BUDGET);
        }
        checkOpen("WorkQueues.serve");
        if (gone != null && taken == 0) {
            throw gone;
        }
        return taken;
    }

    /** Waits for completions of any queue, and gives each to whom it is for; 0 in vain or to be called again. */
    int pump(long timeoutNanos) {
        int count = waiter.await(completions, gate.isWaited() ? 0 : timeoutNanos, TimeUnit.NANOSECONDS);
        if (count > 0) {
            ((WorkQueueCore) waiter.queue().userContext()).takeCompletions(count);
        }
        return count;
    }

    void addReady(WorkQueueCore queue) {
        ready.add(queue);
    }

    /** A send was refused because this queue is full; null before a message is handed over. */
    void refusing(WorkQueueCore queue) {
        refusing = queue;
    }

    WorkQueueCore refusing() {
        return refusing;
    }

    /**
     * What the waiting has cost so far: sleeps, events, arms. Call it from the thread that serves.
     *
     * @return a snapshot
     */
    public WaitStatistics statistics() {
        return waiter.statistics();
    }

    /**
     * Ends the wait of the thread that is in {@link #serve} or waits for one of the queues; if none does, the next wait
     * ends at once.
     *
     * @throws VerbsException EBADF when the group is closed
     */
    public void wakeup() {
        channel.wakeup();
    }

    void wakeupIfOpen() {
        try {
            channel.wakeup();
        } catch (VerbsException e) {
            // closed, and so nobody waits there
        }
    }

    void enter(String verb) {
        gate.enter(verb);
        try {
            checkOpen(verb);
        } catch (VerbsException e) {
            gate.leave();
            throw e;
        }
    }

    void checkOpen(String verb) {
        if (closed) {
            throw new VerbsException(verb, Errno.EBADF, "the group of queues is closed");
        }
    }

    /** Closes one queue, when no other thread is in a call. */
    void close(WorkQueueCore queue) {
        gate.enterToClose("WorkQueue.close", this::wakeupIfOpen);
        try {
            release(queue);
        } finally {
            gate.leaveClosed();
        }
    }

    private void release(WorkQueueCore queue) {
        waiter.remove(queue.completionQueue);
        queue.release();
        queues.remove(queue);
    }

    /**
     * Closes all queues and what the group has made. What is posted and not completed is dropped: wait with {@link
     * WorkQueue#awaitCompleted} before. A thread that waits in a call is woken with EBADF; this waits until it has left.
     * Closing twice is harmless, also in the handler.
     *
     * @throws VerbsException EBUSY when the program has made objects of its own in a queue's protection domain; EINTR when
     *     interrupted while waiting: call again
     */
    @Override
    public void close() {
        closed = true;
        gate.enterToClose("WorkQueues.close", this::wakeupIfOpen);
        try {
            for (WorkQueueCore queue : List.copyOf(queues)) {
                queue.setClosed();
                release(queue);
            }
            channel.close();
            if (owned != null) {
                owned.close();
            }
        } finally {
            gate.leaveClosed();
        }
    }

    @Override
    public String toString() {
        return "work queues on " + channel;
    }
}
