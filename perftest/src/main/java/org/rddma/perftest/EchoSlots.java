package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/**
 * The queue pairs of an echo service and the memory behind them, in slots. A slot is either posted as a receive or on its
 * way back, so that neither queue of a queue pair is ever full. There are twice as many as the window: a client that has
 * its message back sends the next before the service knows that the slot is free. One thread at a time for each client.
 */
final class EchoSlots implements AutoCloseable {
    /*
     * A work request id: (client * slots + slot) * 2, and 1 more for a send.
     */
    private final int slots;
    private final int size;
    private final ProtectionDomain domain;
    private final MemoryRegion memory;
    private final List<QueuePair> queuePairs = new ArrayList<>();
    private final SendRequest[] sends;
    private final ReceiveRequest[] receives;
    private final ScatterGatherElement[] elements;

    /** Slots and queue pairs for a plan; the completion queue of each client is asked for. */
    EchoSlots(EchoPlan plan, Context context, IntFunction<CompletionQueue> queueOfClient) {
        this(plan, context, queueOfClient, queueOfClient);
    }

    /** With a completion queue for what each client is sent and one for what it sends. */
    EchoSlots(
            EchoPlan plan,
            Context context,
            IntFunction<CompletionQueue> sendQueueOfClient,
            IntFunction<CompletionQueue> receiveQueueOfClient) {
        slots = slots(plan);
        size = plan.size();
        domain = context.allocateProtectionDomain();
        memory = domain.allocateMemory(Math.multiplyExact(plan.clients() * slots, size), AccessFlags.LOCAL_WRITE);
        sends = new SendRequest[plan.clients()];
        receives = new ReceiveRequest[plan.clients()];
        elements = new ScatterGatherElement[plan.clients()];
        for (int client = 0; client < plan.clients(); client++) {
            queuePairs.add(domain.createQueuePair(new QueuePairInitAttributes()
                    .sendCompletionQueue(sendQueueOfClient.apply(client))
                    .receiveCompletionQueue(receiveQueueOfClient.apply(client))
                    .maxSendRequests(slots)
                    .maxReceiveRequests(slots)));
            elements[client] = new ScatterGatherElement();
            sends[client] = new SendRequest().send().flags(SendFlags.SIGNALED).sge(elements[client]);
            receives[client] = new ReceiveRequest().sge(elements[client]);
        }
    }

    /** Slots of one client. */
    static int slots(EchoPlan plan) {
        return 2 * plan.window();
    }

    /** How many completions may be under way at a time for so many clients. */
    static int completions(EchoPlan plan, int clients) {
        return 2 * slots(plan) * clients;
    }

    List<QueuePair> queuePairs() {
        return queuePairs;
    }

    /** Posts all slots of all clients as receives. */
    void postAll() {
        for (int slot = 0; slot < queuePairs.size() * slots; slot++) {
            postReceive(slot);
        }
    }

    /** Sends what was received back, or receives into what was sent. */
    void handle(WorkCompletion completion) {
        check(completion);
        int slot = slotOf(completion);
        if ((completion.wrId() & 1) != 0) {
            postReceive(slot);
        } else {
            postSend(slot, (int) completion.byteLength());
        }
    }

    static void check(WorkCompletion completion) {
        if (!completion.isSuccess()) {
            throw new RunFailedException("the service's work request failed: " + completion.status() + " ("
                    + completion.status().text() + "), queue pair 0x"
                    + Integer.toHexString(completion.queuePairNumber()));
        }
    }

    /** What sends a slot back; valid until the next request for the same client is asked for. */
    SendRequest sendOf(int slot, int length) {
        int client = slot / slots;
        elements[client].set(memory, slot * size, length);
        return sends[client].wrId(2L * slot + 1);
    }

    /** What receives into a slot; valid until the next request for the same client is asked for. */
    ReceiveRequest receiveOf(int slot) {
        int client = slot / slots;
        elements[client].set(memory, slot * size, size);
        return receives[client].wrId(2L * slot);
    }

    /** The slot of a completion, of any kind. */
    static int slotOf(WorkCompletion completion) {
        return (int) (completion.wrId() >>> 1);
    }

    private void postSend(int slot, int length) {
        if (queuePairs.get(slot / slots).postSend(sendOf(slot, length)) != null) {
            throw new RunFailedException("the send queue of client " + slot / slots + " is full");
        }
    }

    private void postReceive(int slot) {
        if (queuePairs.get(slot / slots).postReceive(receiveOf(slot)) != null) {
            throw new RunFailedException("the receive queue of client " + slot / slots + " is full");
        }
    }

    @Override
    public void close() {
        queuePairs.forEach(QueuePair::close);
        memory.close();
        domain.close();
    }
}
