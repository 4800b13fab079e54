package org.rddma.driver.provider;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.spi.AbstractCompletionQueue;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.DeliveryVector;

/** A completion queue of an RDDMA device: in this process's memory, filled by the dispatcher. */
public final class RddmaCompletionQueue extends AbstractCompletionQueue {
    private final RddmaContext context;
    private final RddmaCompletionChannel channel;
    private final Set<QueuePairEngine> queuePairs = ConcurrentHashMap.newKeySet();

    RddmaCompletionQueue(
            RddmaContext context,
            String label,
            CompletionQueueAttributes attributes,
            RddmaCompletionChannel channel,
            DeliveryVector vector) {
        super(context, label, attributes, channel, vector, null, context.clock(), context.timer());
        this.context = context;
        this.channel = channel;
    }

    @Override
    public RddmaContext context() {
        return context;
    }

    @Override
    public RddmaCompletionChannel channel() {
        return channel;
    }

    Completer deviceSide() {
        return completer();
    }

    void attach(QueuePairEngine queuePair) {
        queuePairs.add(queuePair);
    }

    void detach(QueuePairEngine queuePair) {
        queuePairs.remove(queuePair);
    }

    @Override
    protected void completionLost() {
        var unused = context.timer().schedule(() -> RddmaContext.failAll(queuePairs), 0);
    }

    @Override
    protected void forgotten() {
        context.device().completionQueues.giveBack();
    }
}
