package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Deadline;

/** Traffic of all three services between two devices, in a thread of its own, every byte of it checked. */
final class FuzzTraffic implements AutoCloseable {
    private static final int QKEY = 0x5EC2_E701;
    private static final int GRH = 40;
    private static final int HALF = 1 << 16;
    private static final int MOST = 9000;

    /** Receives of both unreliable pairs: each its own, because a late message may come at any time. */
    private static final int SLOTS = 16;

    private static final int SLOT = 10_000;
    private static final int RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    /** One end of the three pairs. */
    private static final class End {
        final Context context;
        final ProtectionDomain domain;
        final CompletionQueue sends;
        final CompletionQueue receives;
        final MemoryRegion memory;
        final QueuePair reliable;
        final QueuePair unreliable;
        final QueuePair datagrams;
        AddressHandle way;
        int nextSlot;

        End(SoftDevice device) {
            context = device.open();
            domain = context.allocateProtectionDomain();
            sends = context.createCompletionQueue(64);
            receives = context.createCompletionQueue(64);
            memory = domain.allocateMemory(2 * HALF + SLOTS * SLOT, RIGHTS);
            reliable = pair(QueuePairType.RC);
            unreliable = pair(QueuePairType.UC);
            datagrams = pair(QueuePairType.UD);
        }

        private QueuePair pair(QueuePairType type) {
            return domain.createQueuePair(new QueuePairInitAttributes()
                    .type(type)
                    .sendCompletionQueue(sends)
                    .receiveCompletionQueue(receives)
                    .maxSendRequests(8)
                    .maxReceiveRequests(8));
        }

        void connect(End other) {
            datagrams.modify(new QueuePairAttributes()
                    .state(QueuePairState.INIT)
                    .pkeyIndex(0)
                    .port(1)
                    .qkey(QKEY));
            datagrams.modify(new QueuePairAttributes().state(QueuePairState.RTR));
            datagrams.modify(new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(0));
            way = domain.createAddressHandle(AddressVector.to(other.context.queryGid(1, 0)));
        }

        byte[] fill(int length, long seed) {
            byte[] bytes = content(length, seed);
            memory.buffer().put(0, bytes);
            return bytes;
        }

        byte[] received(int offset, int length) {
            byte[] bytes = new byte[length];
            memory.buffer().get(HALF + offset, bytes);
            return bytes;
        }

        ScatterGatherElement piece(int offset, int length) {
            return new ScatterGatherElement(memory, offset, length);
        }
    }

    private final End a;
    private final End b;
    private final Thread thread;
    private volatile boolean stops;
    private volatile Throwable failure;
    private volatile long rounds;
    private volatile long unreliableArrived;

    FuzzTraffic(SoftDevice first, SoftDevice second) {
        a = new End(first);
        b = new End(second);
        Endpoint.connect(a.reliable, b.reliable);
        Endpoint.connect(a.unreliable, b.unreliable);
        a.connect(b);
        b.connect(a);
        thread = new Thread(this::run, "traffic");
        thread.start();
    }

    /** The queue pairs that nothing may happen to. */
    List<QueuePair> pairs() {
        List<QueuePair> pairs = new ArrayList<>();
        for (End end : List.of(a, b)) {
            pairs.addAll(List.of(end.reliable, end.unreliable, end.datagrams));
        }
        return pairs;
    }

    private void run() {
        try {
            Random random = new Random(1);
            for (long round = 0; !stops; round++) {
                End from = round % 2 == 0 ? a : b;
                End to = round % 2 == 0 ? b : a;
                reliable(from, to, random.nextInt(MOST), round);
                unreliable(from, to, from.unreliable, to.unreliable, random.nextInt(MOST), round, 0);
                unreliable(from, to, from.datagrams, to.datagrams, random.nextInt(1024), round, GRH);
                rounds = round + 1;
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    private static byte[] content(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed * 31 + length).nextBytes(bytes);
        return bytes;
    }

    private static void succeed(End end, QueuePair pair, SendRequest request) {
        assertThat(pair.postSend(request.flags(SendFlags.SIGNALED))).isNull();
        WorkCompletion completion = next(end.sends, Duration.ofSeconds(20));
        assertThat(completion).isNotNull();
        assertThat(completion.isSuccess()).as("%s", completion).isTrue();
    }

    private static WorkCompletion next(CompletionQueue queue, Duration limit) {
        WorkCompletion completion = new WorkCompletion();
        long deadline = System.nanoTime() + limit.toNanos();
        while (!queue.poll(completion)) {
            if (System.nanoTime() - deadline > 0) {
                return null;
            }
            Thread.onSpinWait();
        }
        return completion;
    }

    private static void reliable(End from, End to, int length, long seed) {
        byte[] sent = from.fill(length, seed);
        assertThat(to.reliable.postReceive(new ReceiveRequest(1, to.piece(HALF, HALF))))
                .isNull();
        succeed(from, from.reliable, new SendRequest().sge(from.piece(0, length)));
        WorkCompletion arrived = next(to.receives, Duration.ofSeconds(20));
        while (arrived != null && arrived.queuePairNumber() != to.reliable.number()) {
            arrived = next(to.receives, Duration.ofSeconds(20)); // an unreliable one that was given up as lost
        }
        assertThat(arrived).isNotNull();
        assertThat(arrived.byteLength()).isEqualTo(length);
        assertThat(to.received(0, length)).isEqualTo(sent);
        long there = to.memory.address() + HALF;
        byte[] written = from.fill(length, ~seed);
        SendRequest request = new SendRequest().sge(from.piece(0, length));
        succeed(from, from.reliable, request.write(there, to.memory.rkey()));
        assertThat(to.received(0, length)).isEqualTo(written);
        request = new SendRequest().sge(from.piece(HALF, length));
        succeed(from, from.reliable, request.read(there, to.memory.rkey()));
        assertThat(from.received(0, length)).isEqualTo(written);
        to.memory.buffer().order(ByteOrder.nativeOrder()).putLong(HALF, seed);
        request = new SendRequest().sge(from.piece(0, 8));
        succeed(from, from.reliable, request.fetchAndAdd(there, to.memory.rkey(), 3));
        assertThat(from.memory.buffer().order(ByteOrder.nativeOrder()).getLong(0))
                .isEqualTo(seed);
        assertThat(to.memory.buffer().getLong(HALF)).isEqualTo(seed + 3);
    }

    /** What arrives says from which seed it is made: it may be lost or late, but never be wrong. */
    private void unreliable(End from, End to, QueuePair sender, QueuePair receiver, int length, long seed, int header) {
        byte[] unused = from.fill(length, seed);
        ScatterGatherElement slot = to.piece(2 * HALF + to.nextSlot * SLOT, SLOT);
        if (receiver.postReceive(new ReceiveRequest(to.nextSlot, slot)) == null) { // there are no more than slots
            to.nextSlot = (to.nextSlot + 1) % SLOTS;
        }
        SendRequest request = new SendRequest().sge(from.piece(0, length)).sendWithImmediate((int) seed);
        if (header > 0) {
            request.datagram(from.way, receiver.number(), QKEY);
        }
        succeed(from, sender, request);
        WorkCompletion arrived = next(to.receives, Duration.ofSeconds(1));
        if (arrived == null) {
            return; // the system's buffer was full: that is what unreliable means
        }
        assertThat(arrived.isSuccess()).isTrue();
        assertThat(arrived.hasImmediate()).isTrue();
        int before = arrived.queuePairNumber() == to.datagrams.number() ? GRH : 0;
        int bytes = (int) arrived.byteLength() - before;
        byte[] content = new byte[bytes];
        to.memory.buffer().get(2 * HALF + (int) arrived.wrId() * SLOT + before, content);
        assertThat(content).isEqualTo(content(bytes, arrived.immediate()));
        count();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
    private void count() {
        unreliableArrived++;
    }

    long rounds() {
        return rounds;
    }

    /** Waits until there was some more of it, and fails as it has failed. */
    void check() {
        long before = rounds;
        Deadline.await("the traffic goes on", Duration.ofSeconds(60), () -> failure != null || rounds > before + 2);
        if (failure != null) {
            throw new AssertionError("the traffic failed after " + rounds + " rounds", failure);
        }
        assertThat(unreliableArrived).isGreaterThan(rounds);
        assertThat(pairs()).allMatch(pair -> pair.state() == QueuePairState.RTS);
    }

    @Override
    public void close() {
        stops = true;
        Deadline.await("the end of the traffic", Duration.ofSeconds(30), () -> !thread.isAlive());
        a.context.close();
        b.context.close();
    }
}
