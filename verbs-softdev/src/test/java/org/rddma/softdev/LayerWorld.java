package org.rddma.softdev;

import java.util.function.UnaryOperator;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.app.Endpoint;

/** Two connected queue pairs behind a layer, a channel, and memory: the first half is sent from, the other received to. */
final class LayerWorld implements AutoCloseable {
    static final int HALF = 4096;

    final Context context;
    final ProtectionDomain domain;
    final CompletionChannel channel;
    final CompletionQueue queue;
    final MemoryRegion memory;
    final QueuePair a;
    final QueuePair b;

    LayerWorld(UnaryOperator<Context> layer) {
        context = layer.apply(SoftDevice.open("soft0"));
        domain = context.allocateProtectionDomain();
        channel = context.createCompletionChannel();
        queue = context.createCompletionQueue(
                new CompletionQueueAttributes().entries(64).channel(channel));
        memory = domain.allocateMemory(2 * HALF, AccessFlags.LOCAL_WRITE);
        QueuePairInitAttributes sizes = new QueuePairInitAttributes()
                .completionQueue(queue)
                .maxSendRequests(4)
                .maxReceiveRequests(4);
        a = domain.createQueuePair(sizes);
        b = domain.createQueuePair(sizes);
        Endpoint.connect(a, b);
    }

    SendRequest send(long wrId, int length) {
        return new SendRequest()
                .send()
                .wrId(wrId)
                .flags(SendFlags.SIGNALED)
                .sge(new ScatterGatherElement(memory, 0, length));
    }

    ReceiveRequest receive(long wrId, int length) {
        return new ReceiveRequest(wrId, new ScatterGatherElement(memory, HALF, length));
    }

    @Override
    public void close() {
        context.close();
    }
}
