package org.rddma.verbs.app;

import java.util.Arrays;
import java.util.IdentityHashMap;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/**
 * Blocking calls: queue pairs whose sends, writes, reads and atomics return when they are done, and whose receives return
 * when a message is there. Any number of threads may use any of the queue pairs; one of those that wait sleeps on the
 * channel for all, and a completion wakes only the thread that it belongs to.
 *
 * <p>Everything that completes in the queue must be posted through the {@link BlockingQueuePair}s made here, and nobody
 * else may poll the queue or take events from its channel. The objects stay the caller's. Safe for use by several
 * threads; waiting blocks the carrier of a virtual thread: call from platform threads.
 */
public final class BlockingCalls implements AutoCloseable {
    private static final String OWNER = "BlockingCalls";

    private final CompletionQueue queue;
    private final SharedWait shared;
    private final IdentityHashMap<QueuePair, BlockingQueuePair> pairs = new IdentityHashMap<>();
    private BlockingQueuePair.Call[] calls = {};

    private BlockingCalls(CompletionQueue queue, WaitOptions options) {
        this.queue = queue;
        shared = new SharedWait(OWNER, options, new CompletionQueue[] {queue}, this::completed);
    }

    /**
     * Blocking calls over a completion queue.
     *
     * @param queue has a channel of its own; nothing has been posted that completes in it
     * @param options how to wait: spin and yield may be 100 milliseconds together
     * @return without queue pairs
     * @throws VerbsException EINVAL when something is null, the queue has no channel, or the options spin too long
     */
    public static BlockingCalls of(CompletionQueue queue, WaitOptions options) {
        return new BlockingCalls(queue, options);
    }

    /**
     * Takes a queue pair: from now on only what this returns may post to it.
     *
     * @param pair both its queues are this one's; of any type with a receive queue of its own; in any state
     * @return for any thread; the same for the same queue pair
     * @throws VerbsException EINVAL when it is null, completes elsewhere, has a shared receive queue, or when the
     *     completion queue cannot hold the completions of all its queue pairs; EBADF when closed
     */
    public BlockingQueuePair add(QueuePair pair) {
        if (pair == null || pair.sendCompletionQueue() != queue || pair.receiveCompletionQueue() != queue) {
            throw new VerbsException(
                    "BlockingCalls.add", Errno.EINVAL, pair + " must send and receive with completions in " + queue);
        }
        if (pair.sharedReceiveQueue() != null) {
            throw new VerbsException(
                    "BlockingCalls.add",
                    Errno.EINVAL,
                    pair + " has a shared receive queue: it needs a receive queue of its own");
        }
        shared.enter("BlockingCalls.add");
        try {
            BlockingQueuePair known = pairs.get(pair);
            if (known != null) {
                return known;
            }
            int sends = pair.capabilities().maxSendRequests();
            int receives = pair.capabilities().maxReceiveRequests();
            long needed = (long) calls.length + sends + receives;
            if (needed > queue.capacity()) {
                throw new VerbsException(
                        "BlockingCalls.add",
                        Errno.EINVAL,
                        "all queue pairs may have " + needed + " work requests under way, but " + queue + " holds "
                                + queue.capacity() + " completions: make it larger");
            }
            int first = calls.length;
            BlockingQueuePair added = new BlockingQueuePair(shared, pair);
            calls = Arrays.copyOf(calls, (int) needed);
            for (int i = first; i < calls.length; i++) {
                calls[i] = added.newCall(i, i >= first + sends);
            }
            pairs.put(pair, added);
            return added;
        } finally {
            shared.leave();
        }
    }

    /**
     * What the waiting threads did so far.
     *
     * @return a snapshot
     */
    public BlockingStatistics statistics() {
        return shared.statistics();
    }

    /**
     * Ends all calls, those that wait too: they fail with EBADF. Returns when no thread is in one any more; then queue
     * pairs, queue and channel can be closed. What is posted stays posted.
     */
    @Override
    public void close() {
        shared.close();
    }

    private boolean completed(WorkCompletion completion) {
        int index = (int) completion.wrId();
        return index >= 0 && index < calls.length && calls[index].completed(completion);
    }
}
