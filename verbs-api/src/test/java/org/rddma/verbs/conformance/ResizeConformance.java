package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.NotificationType.ANY;
import static org.rddma.verbs.NotificationType.SOLICITED;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;

/** Resizing a completion queue: verbs-semantics §1.1 resize_cq, §1.2, §1.11 (15). */
@HangGuard(seconds = 60)
public abstract class ResizeConformance extends CompletionQueueConformance {
    /** How many messages the tests under traffic move. */
    protected int messages() {
        return load(100_000);
    }

    private boolean lacksResize(CompletionQueue queue) {
        int before = queue.capacity();
        boolean lacking = lacks(Capability.RESIZE_COMPLETION_QUEUE, "resize", () -> queue.resize(2 * before));
        assertThat(queue.capacity()).isEqualTo(before);
        return lacking;
    }

    private End selfOn(CompletionQueue queue, int depth) {
        End end = new End(context, new EndSpec().depth(depth), queue);
        new Wiring().connect(end, end);
        return end;
    }

    private static SendRequest writeOf(End end) {
        return end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
    }

    @Test
    @DisplayName(
            "§1.1 resize_cq keeps contents and order, growing and shrinking; the capacity is at least as asked for")
    final void keepsContents() {
        CompletionQueue queue = context.createCompletionQueue(8);
        if (lacksResize(queue)) {
            return;
        }
        End end = selfOn(queue, 64);
        SendRequest write = writeOf(end);
        long in = 0;
        long out = 0;
        for (int size : new int[] {100, 5, 8, 9, 64, 16, 1000, 6}) {
            while (in - out < 5) {
                end.post(write.wrId(in++));
            }
            queue.resize(size);
            assertThat(queue.capacity()).isGreaterThanOrEqualTo(size);
            for (int i = 0; i < 3; i++) {
                Completions.success(queue, out++, WorkCompletionOpcode.RDMA_WRITE);
            }
        }
        while (out < in) {
            Completions.success(queue, out++, WorkCompletionOpcode.RDMA_WRITE);
        }
        Completions.none(this, queue);
    }

    @Test
    @DisplayName("§1.1 resize_cq refuses what is out of range, or fewer than are in it (EINVAL), and changes nothing")
    final void refusals() {
        CompletionQueue queue = context.createCompletionQueue(16);
        if (lacksResize(queue)) {
            return;
        }
        End end = selfOn(queue, 64);
        SendRequest write = writeOf(end);
        for (long id = 0; id < 5; id++) {
            end.post(write.wrId(id));
        }
        end.writeAndDrain(5);
        assertThat(Completions.next(queue).wrId()).isZero(); // and five are in it
        int capacity = queue.capacity();
        int limit = context.device().attributes().limits().maxCompletionQueueEntries();
        for (int size : new int[] {4, 1, 0, -1, Integer.MIN_VALUE, limit + 1, Integer.MAX_VALUE}) {
            refused("resize", Errno.EINVAL, () -> queue.resize(size));
            assertThat(queue.capacity()).isEqualTo(capacity);
        }
        queue.resize(5);
        for (long id = 1; id < 6; id++) {
            Completions.success(queue, id, WorkCompletionOpcode.RDMA_WRITE);
        }
        end.pair.close();
        queue.close();
        refused("resize", Errno.EBADF, () -> queue.resize(16));
    }

    @Test
    @DisplayName("a larger queue holds more: no overrun; a smaller one is overrun (EOVERFLOW) when it is full")
    final void newCapacityCounts() {
        CompletionQueue queue = context.createCompletionQueue(4);
        if (lacksResize(queue)) {
            return;
        }
        End end = selfOn(queue, 256);
        SendRequest write = writeOf(end);
        int before = queue.capacity();
        long id = 0;
        while (id < before) {
            end.post(write.wrId(id++));
        }
        queue.resize(4 * before);
        while (id < 4L * before) {
            end.post(write.wrId(id++));
        }
        for (long expected = 0; expected < id; expected++) {
            Completions.success(queue, expected, WorkCompletionOpcode.RDMA_WRITE);
        }
        assertThat(end.pair.state()).isEqualTo(QueuePairState.RTS);
        queue.resize(2);
        int small = queue.capacity();
        for (int i = 0; i <= small; i++) {
            end.post(write.wrId(i));
        }
        end.awaitState(QueuePairState.ERR);
        for (int i = 0; i < small; i++) {
            Completions.success(queue, i, WorkCompletionOpcode.RDMA_WRITE);
        }
        refused("poll", Errno.EOVERFLOW, () -> queue.poll(new WorkCompletion()));
        queue.resize(64);
        refused("poll", Errno.EOVERFLOW, () -> queue.poll(new WorkCompletion()));
    }

    @Test
    @DisplayName("§1.11(15) resizing keeps the arm, for any and for solicited ones, and raises no event itself")
    final void keepsArm() {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue queue = queueOn(channel, 8);
        if (lacksResize(queue)) {
            return;
        }
        Ticker ticker = new Ticker(context, queue);
        queue.requestNotify(ANY);
        queue.resize(64);
        assertNoEvent(channel);
        ticker.unsolicited(1);
        assertOneEvent(channel, queue);
        queue.requestNotify(SOLICITED);
        queue.resize(2);
        ticker.unsolicited(2);
        assertNoEvent(channel);
        assertThat(Completions.next(queue).wrId()).isEqualTo(1);
        ticker.solicited(3);
        queue.resize(100); // the event is unread
        assertOneEvent(channel, queue);
        ticker.solicited(4);
        assertNoEvent(channel);
        assertThat(queue.requestNotify(ANY)).as("not empty").isTrue();
        for (long id = 2; id <= 4; id++) {
            assertThat(Completions.next(queue).wrId()).isEqualTo(id);
        }
    }

    @Test
    @DisplayName("cursors go on, and slots of work queues come free, whatever the size was when they were taken")
    final void cursorsAndSlots() {
        CompletionQueue queue = context.createCompletionQueue(16);
        if (lacksResize(queue)) {
            return;
        }
        End end = selfOn(queue, 4);
        SendRequest write = writeOf(end);
        CompletionCursor cursor = queue.cursor();
        Random random = new Random(3);
        long in = 0;
        long out = 0;
        for (int round = 0; round < 2_000; round++) {
            while (end.pair.postSend(write.wrId(in)) == null) { // as many as there are slots
                in++;
            }
            queue.resize((int) (in - out) + random.nextInt(40));
            int count = random.nextInt((int) (in - out) + 1);
            for (int i = 0; i < count; i++) {
                Deadline.await("a completion", cursor::next);
                assertThat(cursor.wrId()).isEqualTo(out++);
            }
        }
        assertThat(in).isGreaterThan(2_000);
    }

    @Test
    @DisplayName("under traffic, with several pollers: every completion exactly once, and in order")
    final void severalPollers() throws Throwable {
        CompletionQueue queue = context.createCompletionQueue(64);
        if (lacksResize(queue)) {
            return;
        }
        End end = selfOn(queue, 32);
        int total = messages();
        AtomicInteger polled = new AtomicInteger();
        List<BitSet> seen = new ArrayList<>();
        List<Deadline.Running> pollers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            BitSet mine = new BitSet(total);
            seen.add(mine);
            pollers.add(Deadline.start("polls", () -> {
                WorkCompletion[] some = WorkCompletion.array(5);
                long before = -1;
                while (polled.get() < total) {
                    int count = queue.poll(some);
                    for (int at = 0; at < count; at++) {
                        assertThat(some[at].isSuccess()).isTrue();
                        assertThat(some[at].wrId()).isGreaterThan(before);
                        before = some[at].wrId();
                        mine.set((int) before);
                    }
                    polled.addAndGet(count);
                    if (count == 0) {
                        Thread.yield();
                    }
                }
            }));
        }
        Deadline.Running resizer = Deadline.start("resizes", () -> {
            Random random = new Random(5);
            while (polled.get() < total) {
                queue.resize(64 + random.nextInt(1000));
                Thread.yield();
            }
        });
        SendRequest write = writeOf(end);
        for (long id = 0; id < total; id++) {
            write.wrId(id);
            Deadline.await("a slot", () -> end.pair.postSend(write) == null);
        }
        BitSet all = new BitSet(total);
        int sum = 0;
        for (int i = 0; i < 3; i++) {
            pollers.get(i).join(Duration.ofSeconds(30));
            sum += seen.get(i).cardinality();
            all.or(seen.get(i));
        }
        resizer.join();
        assertThat(sum).as("none twice").isEqualTo(total);
        assertThat(all.cardinality()).as("none lost").isEqualTo(total);
    }

    @Test
    @DisplayName("§1.8 a consumer that arms, polls and sleeps misses no wake-up while the queue is resized")
    final void noLostWakeUp() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue queue = queueOn(channel, 64);
        if (lacksResize(queue)) {
            return;
        }
        End end = selfOn(queue, 4);
        int total = messages() / 5;
        AtomicBoolean done = new AtomicBoolean();
        Deadline.Running consumer = Deadline.start("arms, polls and sleeps", () -> {
            WorkCompletion completion = new WorkCompletion();
            long expected = 0;
            while (expected < total) {
                boolean unused = queue.requestNotify(ANY);
                while (queue.poll(completion)) {
                    assertThat(completion.wrId()).isEqualTo(expected++);
                }
                if (expected < total) {
                    CompletionQueue event = channel.getEvent(10, TimeUnit.SECONDS);
                    assertThat(event).as("a wake-up after %d", expected).isSameAs(queue);
                    event.ackEvents(1);
                }
            }
            done.set(true);
        });
        Deadline.Running resizer = Deadline.start("resizes", () -> {
            for (int i = 0; !done.get() && consumer.isAlive(); i++) {
                queue.resize(32 << (i & 3)); // more than can be under way
                Thread.yield();
            }
        });
        SendRequest write = writeOf(end);
        for (long id = 0; id < total && consumer.isAlive(); id++) {
            write.wrId(id);
            Deadline.await("a slot", () -> end.pair.postSend(write) == null || !consumer.isAlive());
        }
        consumer.join(Duration.ofSeconds(30));
        resizer.join();
    }
}
