package org.rddma.verbs.app;

import java.util.Arrays;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/** A completion queue in an event loop: calls its handler, and the senders that wait for room. */
final class LoopQueue implements QueueHandler {
    private final LoopCore loop;
    private final CompletionQueue queue;
    private final ChannelSource channel;
    private final QueueHandler handler;

    private LoopSender[] waiting = new LoopSender[4];
    private int waitingCount;

    LoopQueue(LoopCore loop, CompletionQueue queue, ChannelSource channel, QueueHandler handler) {
        this.loop = loop;
        this.queue = queue;
        this.channel = channel;
        this.handler = handler;
    }

    ChannelSource channel() {
        return channel;
    }

    /** A sender of which a request did not fit: it is called when one of its completions has been polled. */
    void await(LoopSender sender) {
        if (waitingCount == waiting.length) {
            waiting = Arrays.copyOf(waiting, waitingCount * 2);
        }
        waiting[waitingCount++] = sender;
    }

    /** A sender that does not wait any more; harmless when it does not. */
    void forget(LoopSender sender) {
        for (int i = waitingCount - 1; i >= 0; i--) {
            if (waiting[i] == sender) {
                drop(i);
            }
        }
    }

    private void drop(int place) {
        waiting[place] = waiting[--waitingCount];
        waiting[waitingCount] = null;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // whatever it is, the loop's handler of failures decides
    public void onCompletion(WorkCompletion completion) {
        loop.counters().completions++;
        if (waitingCount > 0) {
            wake(completion.queuePairNumber());
        }
        try {
            handler.onCompletion(completion);
        } catch (Throwable e) {
            loop.failed(queue, e);
        }
    }

    private void wake(int queuePairNumber) {
        for (int i = waitingCount - 1; i >= 0; i--) {
            if (waiting[i].number() == queuePairNumber) {
                loop.sources().ready(waiting[i].source());
                drop(i);
            }
        }
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // as above
    public void onFailure(CompletionQueue failed, VerbsException failure) {
        loop.sources().forgetQueue(queue);
        loop.counters().others++;
        try {
            handler.onFailure(queue, failure);
        } catch (Throwable e) {
            loop.failed(queue, e);
        }
    }
}
