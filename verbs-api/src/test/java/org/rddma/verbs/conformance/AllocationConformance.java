package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/** What a fast path may not do: make garbage (design §3, §4, §6). The budget is bytes, not time, and it is 0 per operation. */
@HangGuard(seconds = 60)
public abstract class AllocationConformance extends DeviceConformance {
    private static final int WARM_UP = 200_000;
    private static final int MEASURED = 100_000;

    /** Fewer, and the compiler has not been at the operation. */
    private static final int LEAST_WARM_UP = 20_000;

    /** What the measurement itself may cost, over all operations: less than a byte for a hundred of them. */
    private static final long NOISE = 1_000;

    private End a;
    private End b;

    @BeforeEach
    final void connect() {
        Pair pair = pair(new EndSpec().depth(16).withChannel());
        a = pair.a();
        b = pair.b();
    }

    private void allocatesNothing(Runnable operation) {
        int warmUp = Math.max(load(WARM_UP), LEAST_WARM_UP);
        int measured = load(MEASURED);
        for (int i = 0; i < warmUp; i++) {
            operation.run();
        }
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3 && least > NOISE; attempt++) { // the compiler may still be at work at first
            long before = AllocatedBytes.ofThisThread();
            for (int i = 0; i < measured; i++) {
                operation.run();
            }
            least = Math.min(least, AllocatedBytes.ofThisThread() - before);
        }
        assertThat(least).as("bytes allocated by %d operations", measured).isLessThanOrEqualTo(NOISE);
    }

    /** The next completion, which may take a moment to come. */
    private static boolean next(CompletionQueue queue, WorkCompletion completion) {
        long start = System.nanoTime();
        while (!queue.poll(completion)) {
            waitSince(start);
        }
        return true;
    }

    private static int next(CompletionQueue queue, WorkCompletion[] array) {
        long start = System.nanoTime();
        int count = queue.poll(array);
        while (count == 0) {
            waitSince(start);
            count = queue.poll(array);
        }
        return count;
    }

    private static int next(CompletionQueue queue, CompletionHandler handler) {
        long start = System.nanoTime();
        int count = queue.poll(handler, 4);
        while (count == 0) {
            waitSince(start);
            count = queue.poll(handler, 4);
        }
        return count;
    }

    private static boolean next(CompletionCursor cursor) {
        long start = System.nanoTime();
        while (!cursor.next()) {
            waitSince(start);
        }
        return true;
    }

    private static boolean nextEvent(CompletionChannel channel, CompletionQueue queue) {
        long start = System.nanoTime();
        CompletionQueue event = channel.tryGetEvent();
        while (event == null) {
            waitSince(start);
            event = channel.tryGetEvent();
        }
        return event == queue;
    }

    private static void waitSince(long start) {
        check(System.nanoTime() - start < Deadline.PATIENCE.toNanos());
        Thread.onSpinWait();
    }

    private static void check(boolean condition) {
        if (!condition) {
            throw new AssertionError("the operation did not do what it is measured for");
        }
    }

    @Test
    @Needs(Capability.SHARE_ALL)
    @DisplayName("copies from and to regions over all memory allocate nothing")
    final void sharedMemory() {
        MemoryRegion here = a.domain.registerAll(AccessFlags.LOCAL_WRITE);
        MemoryRegion there = b.domain.registerAll(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
        ByteBuffer from = ByteBuffer.allocateDirect(64);
        ByteBuffer to = ByteBuffer.allocateDirect(64);
        SendRequest request = new SendRequest()
                .sge(new ScatterGatherElement().set(here.addressOf(from, 0), 64, here.lkey()))
                .flags(SendFlags.SIGNALED)
                .write(there.addressOf(to, 0), there.rkey());
        WorkCompletion completion = new WorkCompletion();
        try {
            allocatesNothing(() -> {
                check(a.pair.postSend(request) == null);
                check(next(a.sends, completion) && completion.isSuccess());
            });
        } finally {
            Reference.reachabilityFence(from);
            Reference.reachabilityFence(to);
        }
    }

    @Test
    @DisplayName("the measurement itself sees an allocation of 16 bytes per operation")
    final void itCanFail() {
        Object[] sink = new Object[1];
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> allocatesNothing(() -> sink[0] = new Object()))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    @DisplayName("0 bytes: polling an empty queue, in all forms")
    final void emptyPoll() {
        CompletionQueue queue = a.sends;
        WorkCompletion one = new WorkCompletion();
        WorkCompletion[] array = WorkCompletion.array(16);
        CompletionCursor cursor = queue.cursor();
        CompletionHandler handler = completion -> check(false);
        allocatesNothing(() -> {
            check(!queue.poll(one));
            check(queue.poll(array) == 0);
            check(queue.poll(handler, 16) == 0);
            check(!cursor.next());
        });
    }

    @Test
    @DisplayName("0 bytes: post a receive and a send, poll into a completion")
    final void sendAndPoll() {
        ReceiveRequest receive = new ReceiveRequest(1, b.piece(0, 64));
        SendRequest send = a.request(2, 0, 64);
        WorkCompletion completion = new WorkCompletion();
        allocatesNothing(() -> {
            check(b.pair.postReceive(receive) == null);
            check(a.pair.postSend(send) == null);
            check(next(a.sends, completion) && completion.wrId() == 2 && completion.isSuccess());
            check(next(b.receives, completion) && completion.wrId() == 1 && completion.byteLength() == 64);
            check(completion.opcode() != null && completion.status() != null);
        });
    }

    @Test
    @DisplayName("0 bytes: polling into an array, by a handler, by a cursor")
    final void formsOfPolling() {
        SendRequest write = a.request(2, 0, 8).write(b.address(0), b.memory.rkey());
        WorkCompletion[] array = WorkCompletion.array(4);
        CompletionCursor cursor = a.sends.cursor();
        long[] sum = new long[1];
        CompletionHandler handler = completion -> sum[0] += completion.wrId();
        allocatesNothing(() -> {
            check(a.pair.postSend(write) == null);
            check(next(a.sends, array) == 1);
            check(a.pair.postSend(write) == null);
            check(next(a.sends, handler) == 1);
            check(a.pair.postSend(write) == null);
            check(next(cursor) && cursor.isSuccess() && cursor.wrId() == 2 && cursor.queuePairNumber() != 0);
            check(cursor.status() != null && cursor.opcode() != null);
        });
    }

    @Test
    @Needs(Capability.INLINE)
    @DisplayName("0 bytes: chains, lists of elements, inline data, changed requests, unsignalled ones")
    final void requests() {
        SendRequest last = a.request(2, 0, 8).write(b.address(0), b.memory.rkey());
        SendRequest inline = a.request(1, 0, 16)
                .write(b.address(64), b.memory.rkey())
                .flags(SendFlags.INLINE)
                .next(last);
        SendRequest first = new SendRequest()
                .sges(a.piece(0, 8), a.piece(16, 8), a.piece(32, 24))
                .write(b.address(128), b.memory.rkey())
                .next(inline);
        WorkCompletion completion = new WorkCompletion();
        allocatesNothing(() -> {
            first.sge(1).set(a.memory, 16, 8);
            first.wrId(first.wrId() + 1);
            check(a.pair.postSend(first) == null);
            check(next(a.sends, completion) && completion.wrId() == 2);
        });
    }

    @Test
    @Needs(Capability.ATOMICS)
    @DisplayName("0 bytes: reads and atomics")
    final void readsAndAtomics() {
        SendRequest read = a.request(1, 0, 64).read(b.address(0), b.memory.rkey());
        SendRequest add = a.request(2, 64, 8).fetchAndAdd(b.address(0), b.memory.rkey(), 1);
        SendRequest swap = a.request(3, 72, 8).compareAndSwap(b.address(8), b.memory.rkey(), 0, 1);
        WorkCompletion completion = new WorkCompletion();
        read.next(add.next(swap));
        allocatesNothing(() -> {
            check(a.pair.postSend(read) == null);
            check(next(a.sends, completion) && completion.byteLength() == 64);
            check(next(a.sends, completion) && completion.byteLength() == 8);
            check(next(a.sends, completion) && completion.isSuccess());
        });
    }

    @Test
    @DisplayName("0 bytes: a full queue, which is a returned value")
    final void fullQueue() {
        SendRequest write =
                a.request(1, 0, 8).write(b.address(0), b.memory.rkey()).flags(0);
        while (a.pair.postSend(write) == null) {
            check(a.pair.state() != null);
        }
        allocatesNothing(() -> check(a.pair.postSend(write) == write));
    }

    @Test
    @DisplayName("0 bytes: arm, an event, take it without waiting, acknowledge, poll")
    final void events() {
        SendRequest write = a.request(1, 0, 8).write(b.address(0), b.memory.rkey());
        WorkCompletion completion = new WorkCompletion();
        allocatesNothing(() -> {
            check(!a.sends.requestNotify(NotificationType.SOLICITED));
            check(!a.sends.requestNotify(NotificationType.ANY));
            check(a.channel.tryGetEvent() == null);
            check(a.pair.postSend(write) == null);
            check(nextEvent(a.channel, a.sends) && a.sends.userContext() == null);
            a.sends.ackEvents(1);
            check(next(a.sends, completion));
        });
    }

    @Test
    @DisplayName("0 bytes: a queue with time stamps, both promises, and events that are delayed by count")
    final void extendedQueue() {
        boolean able = context.device()
                .attributes()
                .capabilities()
                .containsAll(List.of(
                        Capability.COMPLETION_TIMESTAMP,
                        Capability.WALLCLOCK_TIMESTAMP,
                        Capability.SINGLE_THREADED,
                        Capability.IGNORE_OVERRUN,
                        Capability.MODERATION));
        CompletionQueueAttributes attributes = new CompletionQueueAttributes()
                .entries(16)
                .channel(a.channel)
                .fields(CompletionFields.COMPLETION_TIMESTAMP | CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK)
                .singleThreaded(true)
                .ignoreOverrun(true);
        if (!able) {
            VerbsException refusal = catchThrowableOfType(
                    VerbsException.class,
                    () -> context.createCompletionQueue(attributes).moderate(2, 0));
            assertThat(refusal.errno()).isEqualTo(Errno.EOPNOTSUPP);
            return;
        }
        CompletionQueue queue = context.createCompletionQueue(attributes);
        End end = new End(context, new EndSpec(), queue);
        new Wiring().connect(end, end);
        queue.moderate(2, 0);
        SendRequest write = end.request(1, 0, 8).write(end.address(8), end.memory.rkey());
        CompletionCursor cursor = queue.cursor();
        allocatesNothing(() -> {
            check(!queue.requestNotify(NotificationType.ANY));
            for (int i = 0; i < 2; i++) {
                check(end.pair.postSend(write) == null);
                check(next(cursor) && cursor.completionTimestamp() != 0 && cursor.wallClockNanos() != 0);
            }
            check(nextEvent(a.channel, queue));
            queue.ackEvents(1);
        });
    }

    @Test
    @DisplayName("0 bytes: getEvent, when the event is there, and when the wait is in vain")
    final void getEvent() {
        SendRequest write = a.request(1, 0, 8).write(b.address(0), b.memory.rkey());
        WorkCompletion completion = new WorkCompletion();
        allocatesNothing(() -> {
            check(!a.sends.requestNotify(NotificationType.ANY));
            check(a.pair.postSend(write) == null);
            check(a.channel.getEvent() == a.sends);
            a.sends.ackEvents(1);
            check(next(a.sends, completion));
            a.channel.wakeup();
            check(a.channel.getEvent() == null);
        });
    }

    @Test
    @DisplayName("0 bytes: waiters that sleep in getEvent and are woken by events of another thread")
    final void sleeping() throws Throwable {
        int rounds = Math.max(load(20_000), 2_000);
        SendRequest write = a.request(1, 0, 8).write(b.address(0), b.memory.rkey());
        long[] allocated = new long[1];
        java.util.concurrent.atomic.AtomicInteger turn = new java.util.concurrent.atomic.AtomicInteger();
        Deadline.Running waiter = Deadline.start("sleeps", () -> {
            WorkCompletion completion = new WorkCompletion();
            long before = 0;
            long least = Long.MAX_VALUE; // of three times: the compiler may still be at work at first
            for (int i = 0; i < 4 * rounds; i++) {
                if (i > 0 && i % rounds == 0) {
                    long now = AllocatedBytes.ofThisThread();
                    least = i == rounds ? least : Math.min(least, now - before);
                    before = now;
                }
                check(!a.sends.requestNotify(NotificationType.ANY));
                turn.incrementAndGet();
                check(a.channel.getEvent() == a.sends);
                a.sends.ackEvents(1);
                check(next(a.sends, completion));
            }
            allocated[0] = Math.min(least, AllocatedBytes.ofThisThread() - before);
        });
        for (int i = 0; i < 4 * rounds && waiter.isAlive(); i++) {
            int wanted = i + 1;
            Deadline.await("the waiter's arm", () -> turn.get() == wanted || !waiter.isAlive());
            check(a.pair.postSend(write) == null);
        }
        waiter.join();
        assertThat(allocated[0]).as("bytes over %d waits", rounds).isLessThanOrEqualTo(NOISE);
    }
}
