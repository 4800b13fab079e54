package org.rddma.verbs.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * The futures style: each work request has a {@link java.util.concurrent.CompletableFuture}. One thread, the dispatching
 * thread, waits for the completions of all queue pairs whose completion queues are on one channel, and completes their
 * futures in an executor. Safe for use by many threads.
 *
 * <p>While this is open it must be the only one that takes events from the channel and polls those queues.
 *
 * <p>What depends on a future runs in {@link FutureOptions#dependents()}. It may be slow, wait and throw: the others go on
 * as far as that executor has threads. Where it is {@code Runnable::run}, all futures wait for it.
 *
 * <p>When the channel or the context is closed or the device is gone, all futures complete exceptionally: {@link
 * #failure()} says why. When one completion queue fails, those of its queue pairs do.
 */
public final class Futures implements AutoCloseable {
    /*
     * Every request is posted with an id of ours, which nobody else uses: a counter that begins anywhere. The map from
     * ids to futures is the only record of what is outstanding: whoever takes a future out of it ends it, so each ends
     * once. A future gets into the map before its request is posted, and so before its completion can come.
     *
     * The ways for a future to end are its completion (dispatch), the end of its queue pair (detach), of its completion
     * queue (dropBroken), or of everything (fail). In the last three somebody may be about to post: he has put his
     * future into the map before he looks whether there is somebody who listens, and we say that there is nobody before
     * we look into the map.
     */
    private static final String VERB = "Futures";
    private static final int BATCH = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long PAUSE_NANOS = 200_000;
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final CompletionChannel channel;
    private final FutureOptions options;
    private final CompletionWaiter waiter;
    private final Thread thread;
    private final AtomicLong nextToken =
            new AtomicLong(ThreadLocalRandom.current().nextLong());
    private final Map<Long, RequestFuture> outstanding = new ConcurrentHashMap<>();
    private final Map<QueuePair, FutureQueuePair> pairs = new ConcurrentHashMap<>();

    /** How many completions the attached queue pairs can have in each queue; guarded by itself. */
    private final Map<CompletionQueue, Integer> promised = new HashMap<>();

    /** What the dispatching thread is to do between two waits. */
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** Queues of attached queue pairs that can be polled no more, and why. */
    private final Map<CompletionQueue, VerbsException> broken = new ConcurrentHashMap<>();

    /** What was polled last; the dispatching thread's, as the next two. */
    private final WorkCompletion[] batch = WorkCompletion.array(BATCH);

    private int polled;
    private int dispatched;

    private volatile boolean closing;
    private volatile boolean stopped;
    private volatile VerbsException failure;

    private Futures(CompletionChannel channel, FutureOptions options) {
        this.channel = channel;
        this.options = options;
        waiter = new CompletionWaiter(channel, options.waiting());
        thread = new Thread(this::run, "futures-" + THREADS.incrementAndGet());
        thread.setDaemon(true);
    }

    /**
     * Futures for queue pairs whose completion queues are on a channel, with {@link FutureOptions#DEFAULT}.
     *
     * @param channel nobody else takes its events
     * @return running
     * @throws VerbsException EINVAL when it is null
     */
    public static Futures on(CompletionChannel channel) {
        return on(channel, FutureOptions.DEFAULT);
    }

    /**
     * Futures for queue pairs whose completion queues are on a channel.
     *
     * @param channel nobody else takes its events
     * @param options how to wait, and what runs where
     * @return running
     * @throws VerbsException EINVAL when one is null
     */
    public static Futures on(CompletionChannel channel, FutureOptions options) {
        if (channel == null || options == null) {
            throw new VerbsException(VERB, Errno.EINVAL, "the channel or the options are null");
        }
        Futures futures = new Futures(channel, options);
        futures.thread.start();
        return futures;
    }

    /**
     * Gives the requests of a queue pair futures, as many at a time as its queues hold. See {@link #attach(QueuePair, int,
     * int)}.
     *
     * @param queuePair its completion queues are on this channel
     * @return what to submit requests to; close it before the queue pair
     * @throws VerbsException as {@link #attach(QueuePair, int, int)}
     */
    public FutureQueuePair attach(QueuePair queuePair) {
        if (queuePair == null) {
            throw new VerbsException(VERB + ".attach", Errno.EINVAL, "the queue pair is null");
        }
        QueuePairCapabilities sizes = queuePair.capabilities();
        boolean shared = queuePair.sharedReceiveQueue() != null;
        return attach(queuePair, sizes.maxSendRequests(), shared ? 0 : sizes.maxReceiveRequests());
    }

    /**
     * Gives the requests of a queue pair futures, in whatever state it is. Its completion queues must have room for as
     * many completions as all attached queue pairs may have requests, so that they are never overrun. Several may share
     * them.
     *
     * @param queuePair its completion queues are on this channel
     * @param sends how many requests its send queue may have at a time, 0 to its size
     * @param receives how many receives it may have at a time, 0 to its size
     * @return what to submit requests to; close it before the queue pair
     * @throws VerbsException EINVAL when it is null, attached already, without completion queues on this channel, these
     *     are too small, or a number is out of range; EBADF when this is closed; what ended the futures, or those of
     *     one of its completion queues, when something did
     */
    public FutureQueuePair attach(QueuePair queuePair, int sends, int receives) {
        requireAttachable(queuePair, sends, receives);
        FutureQueuePair pair = new FutureQueuePair(this, queuePair, sends, receives);
        synchronized (promised) { // nobody waits in here
            requireRunning(VERB + ".attach");
            if (closing) {
                throw new VerbsException(VERB + ".attach", Errno.EBADF, "the futures are closed");
            }
            if (pairs.containsKey(queuePair)) {
                throw invalid(queuePair + " is attached already");
            }
            Map<CompletionQueue, Integer> more = pair.promises();
            more.keySet().forEach(queue -> requireListening(VERB + ".attach", queue));
            more.forEach(this::requireRoom);
            more.forEach(this::promise);
            pairs.put(queuePair, pair);
        }
        return pair;
    }

    /**
     * Why no more futures complete.
     *
     * @return null while all is well, and after {@link #close()}
     */
    public VerbsException failure() {
        return failure;
    }

    /** Closes this, as {@link #close(Duration)} with five seconds. */
    @Override
    public void close() {
        close(PATIENCE);
    }

    /**
     * Closes all attached queue pairs, as {@link FutureQueuePair#close(Duration)} does, all at once, and ends the
     * dispatching thread. No future is left that is not complete, as soon as the executor has done its part. The channel
     * and its queues stay open. Closing twice is harmless.
     *
     * @param timeout how long to wait for the device, and then for the dispatching thread
     * @throws VerbsException EINVAL when the timeout is null
     */
    public void close(Duration timeout) {
        if (timeout == null) {
            throw new VerbsException(VERB + ".close", Errno.EINVAL, "the timeout is null");
        }
        long nanos = nanosOf(timeout);
        List<FutureQueuePair> all;
        synchronized (promised) {
            closing = true;
            all = new ArrayList<>(pairs.values());
        }
        all.forEach(FutureQueuePair::beginToClose);
        long deadline = System.nanoTime() + nanos;
        all.forEach(pair -> pair.endToClose(deadline));
        stopped = true;
        wakeup();
        long end = System.nanoTime() + nanos;
        while (thread.isAlive() && mayWait(end)) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    /** The time, as far as it can be counted. */
    static long nanosOf(Duration timeout) {
        Duration longest = Duration.ofDays(365);
        return timeout.compareTo(longest) > 0 ? longest.toNanos() : timeout.toNanos();
    }

    // ---- the lanes

    /** A future in the map, whose request can be posted now. */
    RequestFuture register(RequestLane lane, long wrId) {
        RequestFuture future = new RequestFuture(lane, nextToken.getAndIncrement(), wrId);
        outstanding.put(future.token(), future);
        return future;
    }

    /** Takes a future out whose request was not posted; false when somebody else has ended it. */
    boolean forget(RequestFuture future) {
        return outstanding.remove(future.token(), future);
    }

    /** After a post: nobody will take its completion where the queue pair was let go of meanwhile. */
    void endIfNobodyListens(RequestFuture future) {
        FutureQueuePair pair = future.lane().pair();
        if (failure != null) {
            lose(future, failure);
        } else if (pairs.get(pair.queuePair()) != pair) {
            lose(future, lost(pair));
        } else if (broken.containsKey(future.lane().queue())) {
            lose(future, broken.get(future.lane().queue()));
        }
    }

    boolean isDispatcher(Thread candidate) {
        return candidate == thread;
    }

    void requireRunning(String verb) {
        VerbsException why = failure;
        if (why != null) {
            throw why.onBehalfOf(verb);
        }
    }

    void requireListening(String verb, CompletionQueue queue) {
        VerbsException why = broken.get(queue);
        if (why != null) {
            throw why.onBehalfOf(verb);
        }
    }

    /** Waits until a closed pair has nothing outstanding, or that will never be so. */
    void awaitIdle(FutureQueuePair pair, long deadline) {
        while (pair.outstanding() > 0 && failure == null && mayWait(deadline) && pair.isFlushing()) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    /** Lets go of a closed pair: what it has outstanding after a last look at its queues will never be known. */
    void detach(FutureQueuePair pair, long deadline) {
        QueuePair queuePair = pair.queuePair();
        if (!pairs.remove(queuePair, pair)) {
            return;
        }
        synchronized (promised) {
            Map<CompletionQueue, Integer> less = pair.promises();
            less.forEach((queue, count) -> promised.merge(queue, -count, Integer::sum));
            tasks.add(() -> drainForTheLastTime(less.keySet()));
            for (CompletionQueue queue : less.keySet()) {
                if (promised.remove(queue, 0)) {
                    tasks.add(() -> forget(queue));
                }
            }
        }
        if (isDispatcher(Thread.currentThread())) {
            dispatchPolled(); // a future of the same batch has led here
            runTasks();
        } else {
            CountDownLatch removed = new CountDownLatch(1);
            tasks.add(removed::countDown);
            wakeup();
            awaitDispatcher(removed, deadline);
        }
        loseAll(lane -> lane.pair() == pair, lost(pair));
    }

    private void forget(CompletionQueue queue) {
        waiter.remove(queue);
        broken.remove(queue); // who attaches to it again finds out again
    }

    private void awaitDispatcher(CountDownLatch done, long deadline) {
        while (done.getCount() > 0 && thread.isAlive() && mayWait(deadline)) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    private boolean mayWait(long deadline) {
        Thread current = Thread.currentThread();
        return !isDispatcher(current) && !current.isInterrupted() && deadline - System.nanoTime() > 0;
    }

    private void wakeup() {
        try {
            channel.wakeup();
        } catch (VerbsException e) { // closed or gone: the dispatching thread learns of it by itself
            return;
        }
    }

    // ---- attaching

    private void requireAttachable(QueuePair queuePair, int sends, int receives) {
        if (queuePair == null) {
            throw invalid("the queue pair is null");
        }
        requireOnChannel(queuePair, queuePair.sendCompletionQueue());
        requireOnChannel(queuePair, queuePair.receiveCompletionQueue());
        QueuePairCapabilities sizes = queuePair.capabilities();
        if (sends < 0 || sends > sizes.maxSendRequests() || receives < 0 || receives > sizes.maxReceiveRequests()) {
            throw invalid(queuePair + " has room for " + sizes.maxSendRequests() + " sends and "
                    + sizes.maxReceiveRequests() + " receives, not for " + sends + " and " + receives);
        }
    }

    private void requireOnChannel(QueuePair queuePair, CompletionQueue queue) {
        if (queue == null || queue.channel() != channel) {
            throw invalid(queuePair + " completes in " + queue + ", which is not on " + channel
                    + ": make both its completion queues with this channel");
        }
    }

    private void requireRoom(CompletionQueue queue, int more) {
        int all = promised.getOrDefault(queue, 0) + more;
        if (all > queue.capacity()) {
            throw invalid(queue + " holds " + queue.capacity() + " completions, but its queue pairs may have " + all
                    + " requests: make it larger, or attach them with fewer");
        }
    }

    private static VerbsException invalid(String sentence) {
        return new VerbsException(VERB + ".attach", Errno.EINVAL, sentence);
    }

    private void promise(CompletionQueue queue, int more) {
        Integer before = promised.put(queue, promised.getOrDefault(queue, 0) + more);
        if (before == null) {
            tasks.add(() -> waiter.add(queue));
            wakeup();
        }
    }

    // ---- the dispatching thread

    private void run() {
        while (!stopped) {
            boolean unused = Thread.interrupted(); // of what ran here: every wait would end at once from now on
            try {
                turn();
            } catch (RuntimeException | Error e) { // a defect of the provider or of ours: nobody may wait for ever
                fail(new VerbsException(VERB, Errno.EIO, "the dispatching thread has failed: " + e, e));
            }
        }
        runTasks();
    }

    private void turn() {
        try {
            runTasks();
            dispatched = 0;
            polled = 0;
            polled = waiter.await(batch);
            dispatchPolled();
        } catch (VerbsException e) {
            // EINVAL: an event of a queue that was armed before it came here, or is not ours; it is acknowledged
            if (e.errno() != Errno.EINVAL && !dropBroken()) {
                fail(e);
            }
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void dispatchPolled() {
        while (dispatched < polled) {
            dispatch(batch[dispatched++]);
        }
    }

    private void dispatch(WorkCompletion completion) {
        RequestFuture future = outstanding.remove(completion.wrId());
        if (future != null) {
            future.lane().ended();
            future.end(copy(completion, future.wrId()), options.dependents());
            return;
        }
        try {
            options.others().onCompletion(completion);
        } catch (RuntimeException | Error e) {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    private static WorkCompletion copy(WorkCompletion from, long wrId) {
        boolean success = from.isSuccess(); // else the rest means nothing
        WorkCompletionStatus status = from.status();
        WorkCompletionOpcode opcode = success ? from.opcode() : null;
        return new WorkCompletion()
                .set(
                        wrId,
                        status == null ? WorkCompletionStatus.GENERAL_ERR.value() : status.value(),
                        opcode == null ? 0 : opcode.value(),
                        success ? from.flags() : 0,
                        from.vendorError(),
                        success ? from.byteLength() : 0,
                        success ? from.immediate() : 0,
                        from.queuePairNumber(),
                        from.sourceQueuePair(),
                        from.pkeyIndex(),
                        from.sourceLid(),
                        from.serviceLevel(),
                        from.destinationPathBits());
    }

    /** Takes what a queue holds; what comes meanwhile may wait. */
    private void drain(CompletionQueue queue) {
        WorkCompletion completion = new WorkCompletion();
        for (int left = queue.capacity(); left > 0 && queue.poll(completion); left--) {
            dispatch(completion);
        }
    }

    private void drainForTheLastTime(Set<CompletionQueue> queues) {
        for (CompletionQueue queue : queues) {
            try {
                drain(queue);
            } catch (VerbsException e) {
                // closed or lost: there is nothing in it
            }
        }
    }

    /** Ends what waits for a queue that can be polled no more; false when no queue is at fault. */
    private boolean dropBroken() {
        List<CompletionQueue> queues;
        synchronized (promised) {
            queues = new ArrayList<>(promised.keySet());
        }
        boolean found = false;
        for (CompletionQueue queue : queues) {
            VerbsException why = faultOf(queue);
            if (why != null) {
                found = true;
                waiter.remove(queue);
                synchronized (promised) { // a queue pair comes before and is woken, or sees it
                    broken.put(queue, why);
                }
                pairs.values().forEach(pair -> pair.wakeAll(queue));
                loseAll(lane -> lane.queue() == queue, why);
            }
        }
        return found;
    }

    private VerbsException faultOf(CompletionQueue queue) {
        if (broken.containsKey(queue)) {
            return null;
        }
        try {
            drain(queue);
            return null;
        } catch (VerbsException e) {
            return e;
        }
    }

    private void fail(VerbsException why) {
        failure = why;
        stopped = true;
        pairs.values().forEach(FutureQueuePair::wakeAll);
        loseAll(lane -> true, why);
    }

    // ---- futures that end without a completion

    private static VerbsException lost(FutureQueuePair pair) {
        return new VerbsException(
                VERB,
                Errno.EBADF,
                "the futures of " + pair.queuePair()
                        + " were closed before the device gave the request back: its memory"
                        + " is the device's until the queue pair is closed");
    }

    private void loseAll(Predicate<RequestLane> which, VerbsException why) {
        for (RequestFuture future : outstanding.values()) {
            if (which.test(future.lane())) {
                lose(future, why);
            }
        }
    }

    private void lose(RequestFuture future, VerbsException why) {
        if (forget(future)) {
            future.lane().ended();
            future.end(why, options.dependents());
        }
    }
}
