package org.rddma.verbs.app;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * Many threads that wait for completions of the same queues, of which one, the leader, waits on the channel for all. It
 * hands out what comes and wakes only those whose completions came. When it has its own, the thread that waits longest
 * becomes the leader. So a completion wakes its own thread and perhaps the next leader, however many wait.
 */
final class SharedWait {
    /*
     * Everything but the batch and the waiter, which are the leader's, is guarded by the lock. It is not held while the
     * leader waits or any thread is parked.
     *
     * A thread that waits leads when nobody does, and is parked otherwise. Whoever ends waiting, for whatever reason,
     * wakes the oldest of the parked if nobody leads then: a thread that is woken to lead and ends for a reason of its own
     * (its time is over, say) passes that on in the same way.
     */
    private static final int BATCH = 16;

    /** Looks again in case that a leader took the wake-up for something else. */
    private static final long CLOSE_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Gets each completion, under the lock. */
    interface Sink {
        /** Deals with a completion; false when nobody here can have posted its request. */
        boolean completed(WorkCompletion completion);
    }

    /** What one thread waits for. Kept for the next wait, so that waiting makes no garbage. */
    static final class Waiting {
        private Thread thread;
        private boolean ready;

        /** Where its completion goes to. */
        WorkCompletion result;

        /** What else it is given, if anything. */
        BlockingQueuePair.Call call;

        /** What else it is given, if anything. */
        long position;
    }

    private final String owner;
    private final CompletionChannel channel;
    private final CompletionWaiter waiter;
    private final Sink sink;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition allOut = lock.newCondition();
    private final WorkCompletion[] batch = WorkCompletion.array(BATCH);
    private final ArrayDeque<Waiting> parked = new ArrayDeque<>();
    private final ArrayDeque<Waiting> spare = new ArrayDeque<>();
    private Waiting leader;
    private boolean closed;
    private int inside;

    /** What somebody else's completion was, once there was one: nothing that is waited for can be relied on then. */
    private String foreign;

    private long leads;
    private long handovers;
    private long wakeups;

    SharedWait(String owner, WaitOptions options, CompletionQueue[] queues, Sink sink) {
        this.owner = owner;
        this.sink = sink;
        if (options == null || queues == null || queues.length == 0) {
            throw new VerbsException(owner, Errno.EINVAL, "the options are null, or there is no queue");
        }
        if (options.isTooDeaf()) {
            throw new VerbsException(
                    owner,
                    Errno.EINVAL,
                    "spin and yield may be " + WaitOptions.LONGEST_SHARED_POLL.toMillis()
                            + " ms together: threads that spin cannot be woken");
        }
        for (CompletionQueue queue : queues) {
            if (queue == null || queue.channel() == null) {
                throw new VerbsException(
                        owner, Errno.EINVAL, queue + " has no channel: make it with one, the same for all");
            }
        }
        channel = queues[0].channel();
        waiter = new CompletionWaiter(channel, options);
        for (CompletionQueue queue : queues) {
            waiter.add(queue);
        }
    }

    /** Before anything else in every call: takes the lock. */
    void enter(String verb) {
        lock.lock();
        if (closed) {
            lock.unlock();
            throw closed(verb);
        }
        inside++;
    }

    /** At the end of every call: gives the lock back. */
    void leave() {
        if (--inside == 0) {
            allOut.signalAll();
        }
        lock.unlock();
    }

    /** Gives the lock back for a while: the thread counts as inside. */
    void unlock() {
        lock.unlock();
    }

    /** Takes the lock again. */
    void lock() {
        lock.lock();
    }

    /** Something to wait with; not ready. */
    Waiting take() {
        Waiting waiting = spare.pollLast();
        return waiting == null ? new Waiting() : waiting;
    }

    /** Is not needed any more. */
    void giveBack(Waiting waiting) {
        waiting.ready = false;
        waiting.result = null;
        waiting.call = null;
        spare.addLast(waiting);
    }

    /** What a thread waits for is there; it may be this thread itself, or the leader. */
    void ready(Waiting waiting) {
        waiting.ready = true;
        if (waiting.thread != null && waiting.thread != Thread.currentThread()) {
            if (waiting == leader) {
                wakeLeader();
            } else {
                LockSupport.unpark(waiting.thread);
            }
        }
    }

    /**
     * Waits until it is ready; looks at all queues at least once. The lock is held before and after, but not meanwhile.
     *
     * @return false when it is not, since the time is over or the thread was interrupted, which stays set
     */
    boolean await(String verb, Waiting mine, long startNanos, long timeoutNanos) {
        boolean isParked = false;
        boolean looked = false;
        mine.thread = Thread.currentThread();
        try {
            while (!mine.ready) {
                if (closed) {
                    throw closed(verb);
                }
                if (foreign != null) {
                    throw new VerbsException(verb, Errno.EINVAL, foreign);
                }
                long left = Thread.currentThread().isInterrupted() ? 0 : left(startNanos, timeoutNanos);
                if (left <= 0 && (looked || leader != null)) {
                    return false;
                }
                if (leader == null) {
                    looked = lead(verb, mine, left) == 0; // of several queues one is looked at at a time
                } else {
                    if (!isParked) {
                        parked.addLast(mine);
                        isParked = true;
                    }
                    park(left);
                }
            }
            return true;
        } finally {
            mine.thread = null;
            if (isParked) {
                parked.remove(mine);
            }
            if (leader == null && !parked.isEmpty()) {
                handovers++;
                LockSupport.unpark(parked.peekFirst().thread);
            }
        }
    }

    /** Whether there is time left to wait, and the thread was not interrupted. */
    static boolean mayWait(long startNanos, long timeoutNanos) {
        return !Thread.currentThread().isInterrupted() && left(startNanos, timeoutNanos) > 0;
    }

    /** What is left of a time. */
    static long left(long startNanos, long timeoutNanos) {
        return timeoutNanos == Long.MAX_VALUE ? Long.MAX_VALUE : timeoutNanos - (System.nanoTime() - startNanos);
    }

    /** What was done so far. */
    BlockingStatistics statistics() {
        lock.lock();
        try {
            return new BlockingStatistics(leads, handovers, wakeups, waiter.statistics());
        } finally {
            lock.unlock();
        }
    }

    /** Ends all calls, and waits until they have ended. */
    void close() {
        boolean interrupted = false;
        lock.lock();
        try {
            closed = true;
            while (inside > 0) {
                parked.forEach(waiting -> LockSupport.unpark(waiting.thread));
                if (leader != null) {
                    wakeLeader();
                }
                try {
                    long unused = allOut.awaitNanos(CLOSE_AGAIN_NANOS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            lock.unlock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void wakeLeader() {
        try {
            channel.wakeup();
        } catch (VerbsException e) {
            // the channel is closed: that wakes it too
        }
    }

    private void park(long nanos) {
        lock.unlock();
        try {
            if (nanos == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, nanos);
            }
        } finally {
            lock.lock();
            wakeups++;
        }
    }

    /** Waits on the channel, and hands out what comes: how many. */
    private int lead(String verb, Waiting mine, long nanos) {
        int count = 0;
        VerbsException failure = null;
        leader = mine;
        leads++;
        lock.unlock();
        try {
            count = waiter.await(batch, nanos, TimeUnit.NANOSECONDS);
        } catch (VerbsException e) {
            failure = e;
        } finally {
            lock.lock();
            leader = null;
        }
        if (failure != null && !mine.ready) { // it may have become so meanwhile
            throw failure.onBehalfOf(verb);
        }
        for (int i = 0; i < count; i++) {
            if (!sink.completed(batch[i]) && foreign == null) {
                foreign = "a completion came that belongs to nothing posted here: " + batch[i]
                        + "; post to these queue pairs through " + owner + " alone";
            }
        }
        return count;
    }

    private VerbsException closed(String verb) {
        return new VerbsException(verb, Errno.EBADF, owner + " is closed");
    }

    /** Copies all fields but the id; a provider may know more statuses and opcodes than we do. */
    static void copy(WorkCompletion from, WorkCompletion to, long wrId) {
        WorkCompletionStatus status = from.status();
        WorkCompletionOpcode opcode = from.opcode();
        to.set(
                wrId,
                status == null ? WorkCompletionStatus.GENERAL_ERR.value() : status.value(),
                opcode == null ? 0 : opcode.value(),
                from.flags(),
                from.vendorError(),
                from.byteLength(),
                from.immediate(),
                from.queuePairNumber(),
                from.sourceQueuePair(),
                from.pkeyIndex(),
                from.sourceLid(),
                from.serviceLevel(),
                from.destinationPathBits());
    }
}
