package org.rddma.verbs.conformance;

import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePairState;

/** A completion queue that is easily overrun: the one asynchronous event that every device can be made to announce. */
final class SmallQueue {
    final CompletionQueue queue;
    final End end;

    /** A queue on a channel, or on none, with a queue pair that talks to itself. */
    SmallQueue(Context context, CompletionChannel channel) {
        queue = context.createCompletionQueue(
                new CompletionQueueAttributes().entries(2).channel(channel));
        end = new End(context, new EndSpec().memory(64), queue);
        new Wiring().connect(end, end);
    }

    /** Puts a completion into it. */
    void complete(long wrId) {
        end.post(end.request(wrId, 0, 8).write(end.address(32), end.memory.rkey()));
    }

    /** Fills it. */
    void fill() {
        for (int i = 0; i < queue.capacity(); i++) {
            complete(i);
            end.awaitStandstill();
        }
    }

    /** Fills it, and one more; waits until its queue pair has failed. */
    void overrun() {
        fill();
        complete(queue.capacity());
        end.awaitState(QueuePairState.ERR);
    }
}
