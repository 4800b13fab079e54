package org.rddma.softdev;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.spi.AbstractCompletionQueue;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.DeliveryVector;
import org.rddma.verbs.spi.QueuePairStateRecord;

/** A completion queue of a software device. */
public final class SoftCompletionQueue extends AbstractCompletionQueue {
    private final SoftContext context;
    private final SoftCompletionChannel channel;
    private final Set<QueuePairEngine> queuePairs = ConcurrentHashMap.newKeySet();

    SoftCompletionQueue(
            SoftContext context,
            String label,
            CompletionQueueAttributes attributes,
            SoftCompletionChannel channel,
            DeliveryVector vector,
            SoftProtectionDomain parentDomain) {
        super(context, label, attributes, channel, vector, parentDomain, context.clock(), context.timer());
        this.context = context;
        this.channel = channel;
    }

    @Override
    public SoftContext context() {
        return context;
    }

    @Override
    public SoftCompletionChannel channel() {
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
        var unused = context.timer().schedule(this::failQueuePairs, 0);
    }

    private void failQueuePairs() { // in order, so that a schedule has the same history every time
        queuePairs.stream()
                .sorted(Comparator.comparingInt(QueuePairEngine::number))
                .forEach(engine -> engine.failFromOutside(QueuePairStateRecord.OVERRUN));
    }

    @Override
    protected void forgotten() {
        context.device().completionQueues.giveBack();
    }
}
