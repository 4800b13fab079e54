package org.rddma.perftest;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
import org.rddma.verbs.app.Endpoint;

/**
 * All clients of an echo service, in one thread that polls: the same for every style. It looks at every byte that comes
 * back. The echoes of a client come in the order of its messages.
 */
final class EchoClient {
    /*
     * Message n of a client has slot n modulo the window, one of the memory that is sent and one of the memory that is
     * received into. A work request id: client * 2, and 1 more for a receive.
     */
    private static final int BATCH = 16;
    private static final int SPINS = 1000;

    private final EchoPlan plan;
    private final EchoContent content;
    private final Supplier<Throwable> serviceFailure;
    private final long patienceNanos;
    private final CompletionQueue queue;
    private final MemoryRegion sendMemory;
    private final MemoryRegion receiveMemory;
    private final ByteBuffer sendBuffer;
    private final ByteBuffer receiveBuffer;
    private final QueuePair[] queuePairs;
    private final long[] sent;
    private final long[] echoed;
    private final int[] owed;
    private final WorkCompletion[] completions = WorkCompletion.array(BATCH);
    private final ScatterGatherElement element = new ScatterGatherElement();
    private final SendRequest send =
            new SendRequest().send().flags(SendFlags.SIGNALED).sge(element);
    private final ReceiveRequest receive = new ReceiveRequest().sge(element);
    private long allEchoed;
    private boolean refills;
    private int idle;
    private long idleSince;

    /** Makes its objects in a context; whoever opened that closes them with it. */
    EchoClient(EchoPlan plan, Context context, Supplier<Throwable> serviceFailure, long patienceNanos) {
        this.plan = plan;
        this.serviceFailure = serviceFailure;
        this.patienceNanos = patienceNanos;
        content = new EchoContent(plan.size());
        ProtectionDomain domain = context.allocateProtectionDomain();
        int bytes = Math.multiplyExact(plan.clients() * plan.window(), plan.size());
        sendMemory = domain.allocateMemory(bytes, AccessFlags.LOCAL_WRITE);
        receiveMemory = domain.allocateMemory(bytes, AccessFlags.LOCAL_WRITE);
        sendBuffer = EchoContent.view(sendMemory.buffer());
        receiveBuffer = EchoContent.view(receiveMemory.buffer());
        // a message may be back before the completion of its send is polled: sends need twice the room
        queue = context.createCompletionQueue(3 * plan.window() * plan.clients());
        queuePairs = new QueuePair[plan.clients()];
        for (int client = 0; client < queuePairs.length; client++) {
            queuePairs[client] = domain.createQueuePair(new QueuePairInitAttributes()
                    .completionQueue(queue)
                    .maxSendRequests(2 * plan.window())
                    .maxReceiveRequests(plan.window()));
        }
        sent = new long[plan.clients()];
        echoed = new long[plan.clients()];
        owed = new int[plan.clients()];
    }

    /** Connects each client to its queue pair of the service, and posts all receives. */
    void connect(List<QueuePair> service) {
        if (service.size() != queuePairs.length) {
            throw new RunFailedException(
                    "the service has " + service.size() + " queue pairs for " + queuePairs.length + " clients");
        }
        for (int client = 0; client < queuePairs.length; client++) {
            Endpoint.connect(queuePairs[client], service.get(client));
            for (int slot = 0; slot < plan.window(); slot++) {
                postReceive(client, slot);
            }
        }
    }

    /** Keeps the windows of all clients full for so long, or until a few echoes came; returns the echoes of a second. */
    double throughput(long nanos) {
        refills = true;
        long start = System.nanoTime();
        idle = 0;
        for (int i = 0; i < plan.window(); i++) {
            for (int client = 0; client < queuePairs.length; client++) {
                postSend(client);
            }
        }
        long before = allEchoed;
        long elapsed = 0;
        while (elapsed < nanos || allEchoed - before < Limit.LEAST_SAMPLES) {
            poll();
            elapsed = System.nanoTime() - start;
        }
        long count = allEchoed - before;
        refills = false;
        for (int client = 0; client < queuePairs.length; client++) {
            await(client);
        }
        return count * 1e9 / elapsed;
    }

    /** Sends one message at a time, of each client in turn, for so long, but a few at least; records the round trips. */
    void roundTrips(long nanos, Samples samples) {
        long start = System.nanoTime();
        long now = start;
        int client = 0;
        while (now - start < nanos || samples.count() < Limit.LEAST_SAMPLES) {
            idle = 0;
            long before = System.nanoTime();
            postSend(client);
            await(client);
            now = System.nanoTime();
            samples.record(now - before);
            client = (client + 1) % queuePairs.length;
        }
    }

    /** After the service has ended: nothing more may have come than what was sent. */
    void checkNothingIsLeft() {
        while (queue.poll(completions[0])) {
            WorkCompletion left = completions[0];
            if ((left.wrId() & 1) != 0 && left.isSuccess()) {
                throw new RunFailedException(
                        "client " + (left.wrId() >>> 1) + " got a message that is the echo of nothing");
            }
        }
    }

    /** Waits until everything that a client has sent is back. */
    private void await(int client) {
        while (echoed[client] < sent[client] || owed[client] > 0) {
            poll();
        }
    }

    private void poll() {
        int count = queue.poll(completions);
        for (int i = 0; i < count; i++) {
            handle(completions[i]);
        }
        if (count > 0) {
            idle = 0;
        } else {
            rest();
        }
    }

    private void rest() {
        if (++idle < SPINS) {
            Thread.onSpinWait();
            return;
        }
        Throwable failure = serviceFailure.get();
        if (failure != null) {
            throw new RunFailedException("the service failed: " + failure);
        }
        long now = System.nanoTime();
        if (idle == SPINS) {
            idleSince = now;
        } else if (now - idleSince > patienceNanos) {
            throw new RunFailedException("no echo came for " + TimeUnit.NANOSECONDS.toMillis(patienceNanos)
                    + " ms: a message was lost, or the service sleeps");
        } else if (Thread.currentThread().isInterrupted()) {
            throw new RunFailedException("interrupted");
        }
        Thread.yield(); // the service may need this processor
    }

    private void handle(WorkCompletion completion) {
        if (!completion.isSuccess()) {
            throw new RunFailedException("a client's work request failed: " + completion.status() + " ("
                    + completion.status().text() + ")");
        }
        int client = (int) (completion.wrId() >>> 1);
        if ((completion.wrId() & 1) != 0) {
            echo(client, completion.byteLength());
        } else if (owed[client] > 0) {
            owed[client]--;
            postSend(client);
        }
    }

    private void echo(int client, long length) {
        long number = echoed[client];
        if (number == sent[client]) {
            throw new RunFailedException("client " + client + " got a message that is the echo of nothing");
        }
        int slot = (int) (number % plan.window());
        content.check(receiveBuffer, offset(client, slot), client, number, length);
        echoed[client]++;
        allEchoed++;
        postReceive(client, slot);
        if (refills) {
            postSend(client);
        }
    }

    private void postSend(int client) {
        long number = sent[client];
        int offset = offset(client, (int) (number % plan.window()));
        content.fill(sendBuffer, offset, client, number);
        element.set(sendMemory, offset, content.length(number));
        if (queuePairs[client].postSend(send.wrId(2L * client)) == null) {
            sent[client]++;
        } else {
            owed[client]++; // until the completion of another send is polled
        }
    }

    private void postReceive(int client, int slot) {
        element.set(receiveMemory, offset(client, slot), plan.size());
        if (queuePairs[client].postReceive(receive.wrId(2L * client + 1)) != null) {
            throw new RunFailedException("the receive queue of client " + client + " is full");
        }
    }

    private int offset(int client, int slot) {
        return (client * plan.window() + slot) * plan.size();
    }
}
