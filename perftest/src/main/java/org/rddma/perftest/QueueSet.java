package org.rddma.perftest;

import java.util.List;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;

/** Completion queues that are waited for together; asleep this is possible only when they share a channel. */
final class QueueSet {
    final CompletionQueue[] queues;
    /** Null without events. */
    final CompletionChannel channel;
    /** Where polling goes on, so that no queue starves. */
    int next;

    QueueSet(List<CompletionQueue> queues) {
        this.queues = queues.stream().distinct().toArray(CompletionQueue[]::new);
        channel = this.queues[0].channel();
        for (CompletionQueue queue : this.queues) {
            if (queue.channel() != channel) {
                throw new IllegalArgumentException("one wait, one channel");
            }
        }
    }
}
