package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;

/** One end of a connection: a queue pair with all that it needs. Closed with its context. */
public final class End {
    /** All rights that a region may have here. */
    public static final int ALL_RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    final Context context;
    final ProtectionDomain domain;
    final CompletionChannel channel;
    final CompletionQueue sends;
    final CompletionQueue receives;
    final QueuePair pair;
    final MemoryRegion memory;

    /** Makes an end, in state RESET. */
    public End(Context context, EndSpec spec) {
        this.context = context;
        domain = context.allocateProtectionDomain();
        channel = spec.withChannel ? context.createCompletionChannel() : null;
        CompletionQueueAttributes queue =
                new CompletionQueueAttributes().entries(spec.queueEntries).channel(channel);
        sends = context.createCompletionQueue(queue);
        receives = spec.oneQueue ? sends : context.createCompletionQueue(queue);
        memory = domain.allocateMemory(spec.memory, spec.access);
        pair = createPair(spec);
    }

    /** Makes an end whose sends and receives complete in a queue that is there already, in state RESET. */
    public End(Context context, EndSpec spec, CompletionQueue queue) {
        this.context = context;
        domain = context.allocateProtectionDomain();
        channel = queue.channel();
        sends = queue;
        receives = queue;
        memory = domain.allocateMemory(spec.memory, spec.access);
        pair = createPair(spec);
    }

    /** Another queue pair with the same queues and memory, in state RESET. */
    public QueuePair createPair(EndSpec spec) {
        return createPair(spec, sends, receives);
    }

    /** Another queue pair in the same domain, in state RESET. */
    QueuePair createPair(EndSpec spec, CompletionQueue forSends, CompletionQueue forReceives) {
        boolean inline = context.device().attributes().has(Capability.INLINE);
        return domain.createQueuePair(new QueuePairInitAttributes()
                .type(spec.type)
                .sendCompletionQueue(forSends)
                .receiveCompletionQueue(forReceives)
                .maxSendRequests(spec.depth)
                .maxReceiveRequests(spec.depth)
                .maxSendElements(spec.elements)
                .maxReceiveElements(spec.elements)
                .maxInlineData(inline ? spec.inline : 0)
                .signalAll(spec.signalAll)
                .sharedReceiveQueue(spec.shared)
                .sendOperations(spec.operations));
    }

    /** A piece of the memory. */
    public ScatterGatherElement piece(int offset, int length) {
        return new ScatterGatherElement(memory, offset, length);
    }

    /** A signalled request over a piece of the memory. */
    public SendRequest request(long wrId, int offset, int length) {
        return new SendRequest().wrId(wrId).sge(piece(offset, length)).flags(SendFlags.SIGNALED);
    }

    /** Posts a send request, for which there must be room. */
    public void post(SendRequest request) {
        assertThat(pair.postSend(request)).as("send queue of %s is full", pair).isNull();
    }

    /** Posts a receive into a piece of the memory, for which there must be room. */
    public void receive(long wrId, int offset, int length) {
        receive(new ReceiveRequest(wrId, piece(offset, length)));
    }

    /** Posts a receive, for which there must be room. */
    public void receive(ReceiveRequest request) {
        assertThat(pair.postReceive(request))
                .as("receive queue of %s is full", pair)
                .isNull();
    }

    /** The address of a byte of the memory. */
    public long address(int offset) {
        return memory.address() + offset;
    }

    /** Fills a piece of the memory with bytes that follow from the seed. */
    public byte[] fill(int offset, int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        memory.buffer().put(offset, bytes);
        return bytes;
    }

    /** A piece of the memory as it is now. */
    public byte[] bytes(int offset, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer unused = memory.buffer().get(offset, bytes);
        return bytes;
    }

    /** Of an end that is connected to itself: writes, and waits until this write and those before have completed. */
    void writeAndDrain(long wrId) {
        int from = 16;
        int to = 72;
        memory.buffer().putLong(to, 0).putLong(from, -1);
        post(request(wrId, from, Long.BYTES).write(address(to), memory.rkey()));
        Deadline.await("the last was carried out", () -> memory.buffer().getLong(to) == -1);
        awaitStandstill();
    }

    /** Waits until what was begun is finished. */
    void awaitStandstill() {
        pair.modify(new QueuePairAttributes().state(QueuePairState.SQD));
        Deadline.await("the queue pair is drained", () -> !pair.query().draining());
        pair.modify(new QueuePairAttributes().state(QueuePairState.RTS));
    }

    /** Waits until the queue pair is in a state. */
    public void awaitState(QueuePairState state) {
        Deadline.await("queue pair in " + state, () -> pair.state() == state);
    }
}
