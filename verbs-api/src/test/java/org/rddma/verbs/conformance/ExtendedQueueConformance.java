package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.CompletionFields.*;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;

/** Queues with chosen fields, time stamps and promises: {@code ibv_create_cq_ex}, verbs-semantics §1.1. */
public abstract class ExtendedQueueConformance extends CompletionQueueConformance {
    private static final int STAMPS = COMPLETION_TIMESTAMP | COMPLETION_TIMESTAMP_WALLCLOCK;

    /** The wall clock may be set, and be read at another moment than the device's. */
    private static final long WALL_CLOCK_SLACK = TimeUnit.SECONDS.toNanos(2);

    private CompletionQueue withFields(int fields) {
        return context.createCompletionQueue(attributes(16).fields(fields));
    }

    /** A receive with immediate data and then a send, both completing in the queue. */
    private End messageTo(CompletionQueue queue) {
        End end = new End(context, new EndSpec(), queue);
        new Wiring().connect(end, end);
        end.receive(7, 0, 64);
        end.post(end.request(8, 128, 24).sendWithImmediate(0xCAFE_F00D));
        return end;
    }

    private static CompletionCursor next(CompletionCursor cursor) {
        Deadline.await("a completion", cursor::next);
        return cursor;
    }

    // ---- fields

    @Test
    @DisplayName("§1.1 create_cq_ex: a field that was asked for can be read, the others are refused (EINVAL)")
    final void oneField() {
        for (int field : new int[] {
            BYTE_LENGTH, IMMEDIATE, QUEUE_PAIR, SOURCE_QUEUE_PAIR, SOURCE_LID, SERVICE_LEVEL, DESTINATION_PATH_BITS
        }) {
            CompletionQueue queue = withFields(field);
            End end = messageTo(queue);
            CompletionCursor cursor = next(queue.cursor());
            checkField(field, BYTE_LENGTH, "byteLength", 24, cursor::byteLength);
            checkField(field, IMMEDIATE, "immediate", 0xCAFE_F00D, cursor::immediate);
            checkField(field, IMMEDIATE, "invalidatedRkey", 0xCAFE_F00D, cursor::invalidatedRkey);
            checkField(field, QUEUE_PAIR, "queuePairNumber", end.pair.number(), cursor::queuePairNumber);
            checkField(field, SOURCE_QUEUE_PAIR, "sourceQueuePair", 0, cursor::sourceQueuePair);
            checkField(field, SOURCE_LID, "sourceLid", 0, cursor::sourceLid);
            checkField(field, SERVICE_LEVEL, "serviceLevel", 0, cursor::serviceLevel);
            checkField(field, DESTINATION_PATH_BITS, "destinationPathBits", 0, cursor::destinationPathBits);
            checkAlwaysThere(cursor);
        }
    }

    private static void checkField(
            int asked, int field, String accessor, long expected, java.util.function.LongSupplier value) {
        if (asked == field) {
            assertThat(value.getAsLong()).as(accessor).isEqualTo(expected);
        } else {
            assertThat(refused(accessor, Errno.EINVAL, value::getAsLong)).hasMessageContaining("CompletionFields.");
        }
    }

    private static void checkAlwaysThere(CompletionCursor cursor) {
        assertThat(cursor.wrId()).isEqualTo(7);
        assertThat(cursor.isSuccess()).isTrue();
        assertThat(cursor.status().value()).isZero();
        assertThat(cursor.opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(cursor.flags()).isEqualTo(WorkCompletionFlags.WITH_IMM);
        assertThat(cursor.vendorError()).isZero();
        assertThat(cursor.pkeyIndex()).isZero();
    }

    @Test
    @DisplayName("§1.1 create_cq_ex: without fields, id, status, opcode, flags and vendor error are there still")
    final void noField() {
        CompletionQueue queue = withFields(0);
        End end = messageTo(queue);
        CompletionCursor cursor = next(queue.cursor());
        checkField(0, BYTE_LENGTH, "byteLength", 24, cursor::byteLength);
        checkAlwaysThere(cursor);
        WorkCompletion sent = Completions.success(queue, 8, WorkCompletionOpcode.SEND);
        assertThat(sent.queuePairNumber()).as("not asked for").isZero();
        end.receive(9, 0, 8);
        end.pair.modify(to(QueuePairState.ERR));
        assertThat(Completions.next(queue).isSuccess()).isFalse();
    }

    @Test
    @DisplayName("polling into a completion: fields that were not asked for are 0, in every round of the ring")
    final void notAskedForIsZero() {
        CompletionQueue queue = context.createCompletionQueue(attributes(2).fields(BYTE_LENGTH));
        End end = new End(context, new EndSpec(), queue);
        new Wiring().connect(end, end);
        for (int i = 0; i < 10; i++) {
            end.receive(7, 0, 64);
            end.post(end.request(8, 128, 24).sendWithImmediate(-1));
            WorkCompletion received = Completions.success(queue, 7, WorkCompletionOpcode.RECV);
            assertThat(received.byteLength()).isEqualTo(24);
            assertThat(received.hasImmediate()).isTrue();
            assertThat(received.immediate()).isZero();
            assertThat(received.queuePairNumber()).isZero();
            Completions.success(queue, 8, WorkCompletionOpcode.SEND);
        }
    }

    @Test
    @DisplayName("§1.1 create_cq_ex: fields that the device does not have are refused (EOPNOTSUPP)")
    final void unknownFields() {
        for (int fields : new int[] {256, 512, 1024, STANDARD | 256, 4096, 1 << 31, -1}) {
            refused("createCompletionQueue", Errno.EOPNOTSUPP, () -> withFields(fields));
        }
    }

    // ---- time stamps

    @Test
    @DisplayName("the device's clock: its rate is as declared; without one it cannot be asked")
    final void rawClock() {
        long kilohertz = context.device().attributes().clockKilohertz();
        if (lacks(Capability.COMPLETION_TIMESTAMP, "queryRawClock", context::queryRawClock)) {
            assertThat(kilohertz).isZero();
            return;
        }
        assertThat(kilohertz).isPositive();
        long outerStart = System.nanoTime();
        long first = context.queryRawClock();
        long innerStart = System.nanoTime();
        Deadline.await("time passes", () -> System.nanoTime() - innerStart > 20_000_000);
        long innerNanos = System.nanoTime() - innerStart;
        long nanos = (context.queryRawClock() - first) * 1_000_000 / kilohertz;
        assertThat(nanos).isBetween(innerNanos * 9 / 10, (System.nanoTime() - outerStart) * 11 / 10);
        context.close();
        refused("queryRawClock", Errno.EBADF, context::queryRawClock);
    }

    @Test
    @DisplayName("time stamps on the device's clock: never going back, and between what the clock says around it")
    final void rawStamps() {
        CompletionQueueAttributes stamped = attributes(16).fields(COMPLETION_TIMESTAMP);
        if (lacks(Capability.COMPLETION_TIMESTAMP, stamped)) {
            return;
        }
        CompletionQueue queue = context.createCompletionQueue(stamped);
        CompletionCursor cursor = queue.cursor();
        End end = new End(context, new EndSpec(), queue);
        new Wiring().connect(end, end);
        SendRequest write = end.request(1, 0, 8).write(end.address(64), end.memory.rkey());
        long before = context.queryRawClock();
        for (int i = 0; i < 100; i++) {
            end.post(write);
            next(cursor);
            long stamp = cursor.completionTimestamp();
            long now = context.queryRawClock();
            assertThat(stamp - before).isNotNegative();
            assertThat(now - stamp).isNotNegative();
            before = stamp;
        }
        refused("wallClockNanos", Errno.EINVAL, cursor::wallClockNanos);
        refused("byteLength", Errno.EINVAL, cursor::byteLength);
        for (long id = 0; id < 3; id++) {
            end.post(write.wrId(id));
        }
        for (long id = 0; id < 3; id++) { // each its own, when it completed and not when it is polled
            next(cursor);
            assertThat(cursor.completionTimestamp() - before).isNotNegative();
            before = cursor.completionTimestamp();
        }
        end.receive(5, 0, 8);
        end.pair.modify(to(QueuePairState.ERR));
        next(cursor);
        assertThat(cursor.isSuccess()).isFalse();
        assertThat(cursor.completionTimestamp() - before).as("of a flushed one").isNotNegative();
    }

    @Test
    @DisplayName("a time stamp says when the work completed, not when it was polled")
    final void stampedOnCompletion() {
        CompletionQueueAttributes stamped = attributes(16).fields(STANDARD | COMPLETION_TIMESTAMP);
        if (lacks(Capability.COMPLETION_TIMESTAMP, stamped)) {
            return;
        }
        CompletionQueue queue = context.createCompletionQueue(stamped);
        new Ticker(context, queue).unsolicited(1);
        Deadline.await("it is there", () -> queue.requestNotify(NotificationType.ANY));
        long then = context.queryRawClock();
        Deadline.await("time passes", () -> context.queryRawClock() - then > 1_000);
        CompletionCursor cursor = next(queue.cursor());
        assertThat(cursor.completionTimestamp() - then).isNotPositive();
        assertThat(cursor.byteLength()).isEqualTo(8);
    }

    @Test
    @DisplayName("time stamps on the wall clock: nanoseconds since 1970, never going back")
    final void wallClockStamps() {
        CompletionQueueAttributes stamped = attributes(16).fields(COMPLETION_TIMESTAMP_WALLCLOCK);
        if (lacks(Capability.WALLCLOCK_TIMESTAMP, stamped)) {
            return;
        }
        CompletionQueue queue = context.createCompletionQueue(stamped);
        CompletionCursor cursor = queue.cursor();
        Ticker ticker = new Ticker(context, queue);
        long start = wallClock();
        long before = 0;
        for (int i = 0; i < 100; i++) {
            ticker.sent(i);
            next(cursor);
            assertThat(cursor.wallClockNanos())
                    .isBetween(start - WALL_CLOCK_SLACK, wallClock() + WALL_CLOCK_SLACK)
                    .isGreaterThanOrEqualTo(before);
            before = cursor.wallClockNanos();
        }
        refused("completionTimestamp", Errno.EINVAL, cursor::completionTimestamp);
    }

    private static long wallClock() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    @Test
    @DisplayName("both time stamps and all fields at once; a queue without them refuses both (EINVAL)")
    final void bothStamps() {
        CompletionQueueAttributes stamped = attributes(16).fields(STANDARD | STAMPS);
        if (lacks(Capability.COMPLETION_TIMESTAMP, stamped) || lacks(Capability.WALLCLOCK_TIMESTAMP, stamped)) {
            return;
        }
        long before = context.queryRawClock();
        CompletionQueue queue = context.createCompletionQueue(stamped);
        End end = messageTo(queue);
        CompletionCursor cursor = next(queue.cursor());
        assertThat(cursor.completionTimestamp() - before).isNotNegative();
        assertThat(wallClock() - cursor.wallClockNanos()).isBetween(-WALL_CLOCK_SLACK, WALL_CLOCK_SLACK);
        assertThat(cursor.immediate()).isEqualTo(0xCAFE_F00D);
        assertThat(cursor.queuePairNumber()).isEqualTo(end.pair.number());
        CompletionQueue plain = context.createCompletionQueue(16);
        new Ticker(context, plain).unsolicited(1);
        CompletionCursor without = next(plain.cursor());
        refused("completionTimestamp", Errno.EINVAL, without::completionTimestamp);
        refused("wallClockNanos", Errno.EINVAL, without::wallClockNanos);
    }

    // ---- promises

    @Test
    @DisplayName("§1.1 SINGLE_THREADED: polled by one thread in all forms, completed by another, armed and woken")
    final void singleThreaded() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueueAttributes promised = attributes(16).singleThreaded(true).channel(channel);
        if (lacks(Capability.SINGLE_THREADED, promised)) {
            return;
        }
        CompletionQueue queue = context.createCompletionQueue(promised);
        int messages = Math.max(load(20_000), 2_000);
        End end = new End(context, new EndSpec().depth(8), queue);
        new Wiring().connect(end, end);
        SendRequest write = end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
        Deadline.Running poster = Deadline.start("posts", () -> {
            for (long id = 0; id < messages; id++) {
                write.wrId(id);
                Deadline.await("a free slot", () -> end.pair.postSend(write) == null);
            }
        });
        CompletionCursor cursor = queue.cursor();
        WorkCompletion one = new WorkCompletion();
        WorkCompletion[] array = WorkCompletion.array(3);
        List<Long> ids = new ArrayList<>();
        while (ids.size() < messages) {
            if (!queue.requestNotify(NotificationType.ANY)) {
                CompletionQueue event = channel.getEvent(10, TimeUnit.SECONDS);
                assertThat(event).as("a wake-up after %d", ids.size()).isSameAs(queue);
                queue.ackEvents(1);
            }
            boolean some;
            do {
                int before = ids.size();
                if (queue.poll(one)) {
                    ids.add(one.wrId());
                }
                for (int i = 0, count = queue.poll(array); i < count; i++) {
                    ids.add(array[i].wrId());
                }
                queue.poll(completion -> ids.add(completion.wrId()), 2);
                if (cursor.next()) {
                    ids.add(cursor.wrId());
                }
                some = ids.size() > before;
            } while (some);
        }
        poster.join();
        for (int i = 0; i < messages; i++) {
            assertThat(ids.get(i)).isEqualTo(i);
        }
    }

    @Test
    @DisplayName("§1.7 IGNORE_OVERRUN: no error, the newest are seen, in order, and so is what comes afterwards")
    final void ignoreOverrun() {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueueAttributes promised = attributes(4).ignoreOverrun(true).channel(channel);
        if (lacks(Capability.IGNORE_OVERRUN, promised)) {
            return;
        }
        CompletionQueue queue = context.createCompletionQueue(promised);
        int capacity = queue.capacity();
        End end = new End(context, new EndSpec().depth(256), queue);
        new Wiring().connect(end, end);
        SendRequest write = end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
        long id = 0;
        for (int round = 1; round <= 3; round++) {
            int count = round * capacity + round;
            for (int i = 1; i < count; i++) {
                end.post(write.wrId(id++));
            }
            end.writeAndDrain(id++);
            assertNoEvent(channel); // not armed
            for (long expected = id - capacity; expected < id; expected++) {
                Completions.success(queue, expected, WorkCompletionOpcode.RDMA_WRITE);
            }
            Completions.none(this, queue);
            assertThat(end.pair.state()).isEqualTo(QueuePairState.RTS);
            queue.requestNotify(NotificationType.ANY);
            end.post(write.wrId(id));
            assertOneEvent(channel, queue);
            Completions.success(queue, id++, WorkCompletionOpcode.RDMA_WRITE);
        }
        for (int i = 0; i < 1_000; i++) { // the slots of what was overwritten are free again
            end.post(write.wrId(id));
            Completions.success(queue, id++, WorkCompletionOpcode.RDMA_WRITE);
        }
    }
}
