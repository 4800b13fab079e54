package org.rddma.verbs.app;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairCapabilities;
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
 *
 * <p>A queue pair that was added cannot be taken out again: until this is garbage it is referred to, and its share of the
 * completion queue is its own, after it was closed too. Where queue pairs come and go, give each group that ends together
 * a completion queue and blocking calls of its own.
 */
public final class BlockingCalls implements AutoCloseable {
    private static final String OWNER = "BlockingCalls";
    private static final String ADD = OWNER + ".add";

    private final CompletionQueue queue;
    private final SharedWait shared;
    private final Set<QueuePair> pairs = Collections.newSetFromMap(new IdentityHashMap<>());
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
     * Takes a queue pair, for good: from now on only what this returns may post to it. Its requests count among those that
     * may be under way even after it was closed, so that a completion that comes late is never taken for another's.
     *
     * @param pair both its queues are this one's; of any type with a receive queue of its own; in any state; not taken yet
     * @param sends how many sends may be under way: at most what its send queue holds. Further ones wait
     * @param receives how many receives may be posted, or filled and not taken: at most what its receive queue holds
     * @return for any thread
     * @throws VerbsException EINVAL when it is null, was taken before, completes elsewhere, has a shared receive queue or
     *     less room than asked for, a number is negative, or the completion queue cannot hold the completions of all that
     *     may be under way, those of queue pairs that were closed meanwhile among them; EBADF when closed
     */
    public BlockingQueuePair add(QueuePair pair, int sends, int receives) {
        if (pair == null || pair.sendCompletionQueue() != queue || pair.receiveCompletionQueue() != queue) {
            throw refusal(pair + " must send and receive with completions in " + queue);
        }
        if (pair.sharedReceiveQueue() != null) {
            throw refusal(pair + " has a shared receive queue: it needs a receive queue of its own");
        }
        QueuePairCapabilities sizes = pair.capabilities();
        if (sends < 0 || sends > sizes.maxSendRequests() || receives < 0 || receives > sizes.maxReceiveRequests()) {
            throw refusal(pair + " has room for " + sizes.maxSendRequests() + " sends and " + sizes.maxReceiveRequests()
                    + " receives, not for " + sends + " and " + receives);
        }
        shared.enter(ADD);
        try {
            if (!pairs.add(pair)) {
                throw refusal(pair + " was taken before");
            }
            long needed = (long) calls.length + sends + receives;
            if (needed > queue.capacity()) {
                pairs.remove(pair);
                throw refusal("with this queue pair " + needed + " work requests may be under way, but " + queue
                        + " holds " + queue.capacity() + " completions: make it larger");
            }
            int first = calls.length;
            BlockingQueuePair added = new BlockingQueuePair(shared, pair);
            calls = Arrays.copyOf(calls, (int) needed);
            for (int i = first; i < calls.length; i++) {
                calls[i] = added.newCall(i, i >= first + sends);
            }
            return added;
        } finally {
            shared.leave();
        }
    }

    private static VerbsException refusal(String sentence) {
        return new VerbsException(ADD, Errno.EINVAL, sentence);
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
