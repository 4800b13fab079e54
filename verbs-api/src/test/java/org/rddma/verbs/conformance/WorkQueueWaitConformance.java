package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WorkQueueOptions;

/** The calls of a work queue that wait, and what ends them. */
public abstract class WorkQueueWaitConformance extends DeviceConformance {
    private static final int DEPTH = 4;
    private static final WorkQueueOptions OPTIONS = new WorkQueueOptions(DEPTH, 64, WaitOptions.SLEEP);

    /** The calls that wait. None of them can be done now. */
    enum Wait {
        SEND,
        RECEIVE,
        COMPLETED
    }

    private Context ownContext;
    private WorkQueueEnds ends;

    @BeforeEach
    final void connectQueues() {
        ownContext = openAnother();
        ends = WorkQueueEnds.in(ownContext, OPTIONS);
    }

    /** On the queue whose peer does not receive, and which gets nothing. True when it was done. */
    private boolean await(Wait which, long timeout, TimeUnit unit) {
        return switch (which) {
            case SEND -> ends.a().sendSync(ByteBuffer.allocate(8), timeout, unit);
            case RECEIVE -> ends.a().receiveSync(timeout, unit) != null;
            case COMPLETED -> ends.a().awaitCompleted(ends.a().posted(), timeout, unit);
        };
    }

    private boolean await(Wait which) {
        return switch (which) {
            case SEND -> ends.a().sendSync(ByteBuffer.allocate(8));
            case RECEIVE -> ends.a().receiveSync() != null;
            case COMPLETED -> await(which, Long.MAX_VALUE, TimeUnit.DAYS);
        };
    }

    private void letIt(Wait which) {
        if (which == Wait.RECEIVE) {
            assertThat(ends.b().sendSync(ByteBuffer.allocate(8))).isTrue();
            return;
        }
        receive(2 * DEPTH);
    }

    private void receive(int messages) {
        for (int i = 0; i < messages; i++) {
            assertThat(WorkQueueEnds.next(ends.b()).remaining()).isEqualTo(8);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a call that waits sleeps until it can be done, and then is done")
    final void waitEndsWhenItCanBeDone(Wait which) throws Throwable {
        ends.fill(DEPTH);
        for (int i = 0; i < 10; i++) {
            Deadline.Running waiter =
                    Deadline.start("waits", () -> assertThat(await(which)).isTrue());
            if (i % 2 == 0) { // otherwise it comes at any time
                Deadline.awaitBlocked(waiter.thread());
            }
            letIt(which);
            waiter.join();
            if (which == Wait.SEND) {
                receive(1);
            }
            if (which != Wait.RECEIVE) {
                assertThat(ends.b().receive())
                        .as("one more, after the last was given back")
                        .isNull();
                ends.fill(DEPTH);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a timeout ends the wait, not before its time; 0 or less looks once")
    final void timeoutEndsWait(Wait which) {
        ends.fill(DEPTH);
        for (long micros : new long[] {Long.MIN_VALUE, -1, 0, 1, 999, 1_001, 20_000}) {
            long start = System.nanoTime();
            assertThat(await(which, micros, TimeUnit.MICROSECONDS)).isFalse();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(Math.max(0, micros) * 1_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("an interrupt ends the wait and stays set; an interrupted thread does not wait")
    final void interruptEndsWait(Wait which) throws Throwable {
        ends.fill(DEPTH);
        for (int i = 0; i < 10; i++) {
            boolean timed = i % 2 == 0;
            Deadline.Running waiter = Deadline.start("waits", () -> {
                assertThat(timed ? await(which, 1, TimeUnit.HOURS) : await(which))
                        .isFalse();
                assertThat(await(which)).as("still interrupted").isFalse();
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
            Deadline.awaitBlocked(waiter.thread());
            waiter.thread().interrupt();
            waiter.join();
        }
        Deadline.run("waits no more", Deadline.PATIENCE, () -> {
            letIt(which);
            assertThat(await(which, 10, TimeUnit.SECONDS)).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("closing the queue from outside ends the wait with EBADF, and returns when the waiter has left")
    final void closeEndsWait(Wait which) throws Throwable {
        ends.fill(DEPTH);
        List<WorkQueueEnds> others = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Deadline.Running waiter = Deadline.start(
                    "waits",
                    () -> refused(
                            switch (which) {
                                case SEND -> "WorkQueue.sendSync";
                                case RECEIVE -> "WorkQueue.receiveSync";
                                case COMPLETED -> "WorkQueue.awaitCompleted";
                            },
                            Errno.EBADF,
                            () -> await(which)));
            if (i % 2 == 0) {
                Deadline.awaitBlocked(waiter.thread());
            }
            ends.a().close();
            waiter.join();
            others.add(ends);
            ends = WorkQueueEnds.in(ownContext, OPTIONS);
            ends.fill(DEPTH);
        }
        others.forEach(pair -> pair.b().close());
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("closing the context ends the wait with EBADF")
    final void contextCloseEndsWait(Wait which) throws Throwable {
        ends.fill(DEPTH);
        Deadline.Running waiter = Deadline.start("waits", () -> {
            try {
                assertThat(await(which)).isTrue();
                throw new AssertionError("the wait must not be done");
            } catch (VerbsException e) {
                assertThat(Errno.nameOf(e.errno())).isEqualTo("EBADF");
            }
        });
        Deadline.awaitBlocked(waiter.thread());
        ownContext.close();
        waiter.join();
        ends.a().close();
    }

    @Test
    @DisplayName("a second thread's call is refused with EBUSY, and changes nothing for the first")
    final void secondThreadIsRefused() throws Throwable {
        Deadline.Running waiter = Deadline.start("waits", () -> WorkQueueEnds.next(ends.a()));
        Deadline.awaitBlocked(waiter.thread());
        for (int i = 0; i < 100; i++) {
            refused("WorkQueue.receive", Errno.EBUSY, ends.a()::receive);
            refused("WorkQueue.send", Errno.EBUSY, () -> ends.a().send(ByteBuffer.allocate(1)));
        }
        assertThat(ends.b().send(ByteBuffer.allocate(1))).isTrue();
        waiter.join();
        assertThat(ends.a().receive()).isNull();
    }

    @Test
    @DisplayName("a failure ends the wait with EIO")
    final void failureEndsWait() throws Throwable {
        Deadline.Running waiter = Deadline.start(
                "waits",
                () -> refused("WorkQueue.receiveSync", Errno.EIO, () -> ends.a().receiveSync()));
        Deadline.awaitBlocked(waiter.thread());
        ends.a().queuePair().modify(to(org.rddma.verbs.QueuePairState.ERR));
        waiter.join();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("two threads play ping-pong, sleeping or not: no wake-up is lost")
    final void noLostWakeUp(Style style) throws Throwable {
        int rounds = Math.max(200, load(20_000));
        WorkQueueEnds players = WorkQueueEnds.in(context, OPTIONS.withWaiting(style.waiting()));
        Deadline.Running echo = Deadline.start("echoes", () -> {
            for (int i = 0; i < rounds; i++) {
                assertThat(players.b().sendSync(WorkQueueEnds.next(players.b())))
                        .isTrue();
            }
        });
        for (int i = 0; i < rounds; i++) {
            assertThat(players.a().sendSync(ByteBuffer.allocate(8).putLong(0, i)))
                    .isTrue();
            assertThat(WorkQueueEnds.next(players.a()).getLong()).isEqualTo(i);
        }
        echo.join();
    }

    /** How the players wait. */
    enum Style {
        SLEEPING,
        ADAPTIVE;

        WaitOptions waiting() {
            return this == SLEEPING ? WaitOptions.SLEEP : WaitOptions.ADAPTIVE;
        }
    }

    @Test
    @DisplayName("a producer faster than its consumer is held up by the full queue; everything arrives in order")
    final void fullQueueHoldsUpProducer() throws Throwable {
        int messages = Math.max(500, load(10_000));
        WorkQueueEnds line = WorkQueueEnds.in(context, OPTIONS);
        Deadline.Running producer = Deadline.start("produces", () -> {
            ByteBuffer message = ByteBuffer.allocateDirect(8);
            for (long i = 0; i < messages; i++) {
                assertThat(line.a().sendSync(message.clear().putLong(0, i))).isTrue();
            }
            WorkQueueEnds.awaitAll(line.a());
        });
        for (long i = 0; i < messages; i++) {
            assertThat(WorkQueueEnds.next(line.b()).getLong()).isEqualTo(i);
        }
        producer.join();
        assertThat(line.a().completed()).isEqualTo(messages);
    }
}
