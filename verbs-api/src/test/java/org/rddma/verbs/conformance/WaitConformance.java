package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;

/** Waiting for an event, and what ends it: verbs-semantics §1.11 (8), (16), §7.3; java-practice 4.5. */
public abstract class WaitConformance extends DeviceConformance {
    private CompletionChannel channel;
    private CompletionQueue queue;
    private Ticker ticker;

    @BeforeEach
    final void makeQueue() {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, 64);
        ticker = new Ticker(context, queue);
    }

    private void fire() {
        queue.requestNotify(NotificationType.ANY);
        ticker.unsolicited(1);
        Completions.next(queue);
    }

    @Test
    @DisplayName("§1.11(8) without an event: not waiting returns null, also by a timeout of 0 or less")
    final void tryReturnsNull() {
        assertThat(channel.tryGetEvent()).isNull();
        assertThat(channel.getEvent(0, TimeUnit.SECONDS)).isNull();
        assertThat(channel.getEvent(-1, TimeUnit.SECONDS)).isNull();
        assertThat(channel.getEvent(Long.MIN_VALUE, TimeUnit.DAYS)).isNull();
        assertThat(channel.unreadEvents()).isZero();
        fire();
        assertEvent(channel, queue);
    }

    @Test
    @DisplayName("§1.11(8) a blocked wait ends with the event")
    final void eventEndsWait() throws Throwable {
        for (int i = 0; i < 100; i++) {
            Deadline.Running waiter = Deadline.start("waits", () -> {
                assertThat(channel.getEvent()).isSameAs(queue);
                queue.ackEvents(1);
            });
            if (i % 2 == 0) { // otherwise the event comes at any time
                Deadline.awaitBlocked(waiter.thread());
            }
            fire();
            waiter.join();
        }
    }

    @Test
    @DisplayName("§7.3 a timeout ends the wait, not before its time")
    final void timeoutEndsWait() {
        for (long micros : new long[] {1, 999, 1_000, 1_001, 20_000}) {
            long start = System.nanoTime();
            assertThat(channel.getEvent(micros, TimeUnit.MICROSECONDS)).isNull();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(micros * 1_000);
        }
        fire();
        assertThat(channel.getEvent(Long.MAX_VALUE, TimeUnit.DAYS)).isSameAs(queue);
        queue.ackEvents(1);
    }

    @Test
    @DisplayName("§7.3 the longest timeouts wait too")
    final void longTimeouts() throws Throwable {
        for (TimeUnit unit : new TimeUnit[] {TimeUnit.NANOSECONDS, TimeUnit.MILLISECONDS, TimeUnit.DAYS}) {
            Deadline.Running waiter = Deadline.start("waits for " + unit, () -> {
                assertThat(channel.getEvent(Long.MAX_VALUE, unit)).isSameAs(queue);
                queue.ackEvents(1);
            });
            Deadline.awaitBlocked(waiter.thread());
            fire();
            waiter.join();
        }
    }

    @Test
    @DisplayName("§7.3 an interrupt ends the wait with null, stays set, and takes no event")
    final void interruptEndsWait() throws Throwable {
        for (int i = 0; i < 20; i++) {
            boolean timed = i % 2 == 0;
            Deadline.Running waiter = Deadline.start("waits", () -> {
                assertThat(timed ? channel.getEvent(1, TimeUnit.HOURS) : channel.getEvent())
                        .isNull();
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                assertThat(channel.getEvent()).as("still interrupted").isNull();
                assertThat(Thread.interrupted()).isTrue();
            });
            Deadline.awaitBlocked(waiter.thread());
            waiter.thread().interrupt();
            waiter.join();
        }
        fire();
        assertOneEvent(channel, queue);
    }

    @Test
    @DisplayName("§7.3 an interrupted thread still gets an event that is there")
    final void interruptedThreadGetsEvent() throws Throwable {
        fire();
        Deadline.await("the event", () -> channel.unreadEvents() == 1);
        Deadline.run("an interrupted thread", Duration.ofSeconds(10), () -> {
            Thread.currentThread().interrupt();
            assertThat(channel.getEvent()).isSameAs(queue);
            queue.ackEvents(1);
            assertThat(channel.getEvent(1, TimeUnit.HOURS)).isNull();
            assertThat(channel.tryGetEvent()).isNull();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
    }

    @Test
    @DisplayName("§7.3 one thread's interrupt does not end another's wait")
    final void interruptIsOnesOwn() throws Throwable {
        Deadline.Running patient = Deadline.start("waits on", () -> {
            assertThat(channel.getEvent()).isSameAs(queue);
            queue.ackEvents(1);
        });
        Deadline.awaitBlocked(patient.thread());
        for (int i = 0; i < 10; i++) {
            Deadline.Running interrupted = Deadline.start("is interrupted", () -> {
                assertThat(channel.getEvent()).isNull();
            });
            Deadline.awaitBlocked(interrupted.thread());
            interrupted.thread().interrupt();
            interrupted.join();
            assertThat(patient.isAlive()).isTrue();
        }
        fire();
        patient.join();
    }

    @Test
    @DisplayName("§7.3 wakeup() ends all waits that there are, and touches no event")
    final void wakeupEndsWaits() throws Throwable {
        List<Deadline.Running> waiters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean timed = i % 2 == 0;
            waiters.add(Deadline.start("waits, " + i, () -> {
                assertThat(timed ? channel.getEvent(1, TimeUnit.HOURS) : channel.getEvent())
                        .isNull();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }));
        }
        for (Deadline.Running waiter : waiters) {
            Deadline.awaitBlocked(waiter.thread());
        }
        channel.wakeup();
        for (Deadline.Running waiter : waiters) {
            waiter.join();
        }
        Deadline.Running next = Deadline.start("waits afterwards", () -> {
            assertThat(channel.getEvent()).isSameAs(queue); // the wake-up was for the others
            queue.ackEvents(1);
        });
        Deadline.awaitBlocked(next.thread());
        fire();
        next.join();
        assertNoEvent(channel);
    }

    @Test
    @DisplayName("§7.3 a wakeup() without a wait ends the next one, only that one, and not a try")
    final void wakeupIsKept() throws Throwable {
        channel.wakeup();
        channel.wakeup();
        assertThat(channel.tryGetEvent()).isNull();
        Deadline.run(
                "waits",
                Duration.ofSeconds(10),
                () -> assertThat(channel.getEvent()).isNull());
        Deadline.Running waiter = Deadline.start("waits again", () -> {
            assertThat(channel.getEvent()).isSameAs(queue);
            queue.ackEvents(1);
        });
        Deadline.awaitBlocked(waiter.thread());
        fire();
        waiter.join();
    }

    @Test
    @DisplayName("§1.11(16) closing the channel ends all waits with EBADF, and the descriptor is closed after them")
    final void closeEndsWaits() throws Throwable {
        for (int round = 0; round < 20; round++) {
            CompletionChannel closing = context.createCompletionChannel();
            int fd = closing.fd();
            List<Deadline.Running> waiters = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                boolean timed = i == 0;
                waiters.add(Deadline.start("waits, " + i, () -> {
                    refused(
                            "getEvent",
                            Errno.EBADF,
                            () -> assertThat(timed ? closing.getEvent(1, TimeUnit.HOURS) : closing.getEvent())
                                    .isNull());
                }));
            }
            if (round % 2 == 0) { // otherwise some are on their way
                for (Deadline.Running waiter : waiters) {
                    Deadline.awaitBlocked(waiter.thread());
                }
            }
            closing.close();
            // its number may be another's for a moment: the virtual machine and the device open files of their own
            Deadline.await("the descriptor is closed", () -> !Descriptors.isOpen(fd));
            for (Deadline.Running waiter : waiters) {
                waiter.join();
            }
        }
    }

    @Test
    @LeavesEventsUnacknowledged
    @DisplayName("§1.11(16) closing the context ends waits for events with EBADF")
    final void contextCloseEndsWaits() throws Throwable {
        Deadline.Running waiter =
                Deadline.start("waits", () -> refused("getEvent", Errno.EBADF, () -> channel.getEvent()));
        Deadline.awaitBlocked(waiter.thread());
        context.close();
        waiter.join();
        refused("tryGetEvent", Errno.EBADF, channel::tryGetEvent);
    }

    @Test
    @LeavesEventsUnacknowledged
    @DisplayName("§1.11(16) closing the context ends a wait for acknowledgements")
    final void contextCloseEndsCloseOfQueue() throws Throwable {
        CompletionQueue held = queueOn(channel, 8);
        End end = new End(context, new EndSpec(), held);
        new Wiring().connect(end, end);
        held.requestNotify(NotificationType.ANY);
        end.post(end.request(1, 0, 8).write(end.address(64), end.memory.rkey()));
        assertThat(channel.getEvent()).isSameAs(held);
        end.pair.close();
        Deadline.Running closing = Deadline.start("closes the queue", () -> {
            try {
                held.close();
            } catch (org.rddma.verbs.VerbsException e) {
                assertThat(Errno.nameOf(e.errno())).isEqualTo("EBADF");
            }
        });
        Deadline.awaitBlocked(closing.thread());
        context.close();
        closing.join();
    }

    @Test
    @DisplayName("§1.3 of several threads that wait on one channel each event goes to exactly one")
    final void eachEventToOneThread() throws Throwable {
        int threads = 4;
        int events = Math.max(load(5_000), 1_000);
        AtomicInteger taken = new AtomicInteger();
        List<Deadline.Running> waiters = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            waiters.add(Deadline.start("waits, " + i, () -> {
                CompletionQueue event;
                while ((event = channel.getEvent()) != null) {
                    assertThat(event).isSameAs(queue);
                    event.ackEvents(1);
                    taken.incrementAndGet();
                }
            }));
        }
        for (int i = 0; i < events; i++) {
            fire();
        }
        Deadline.await("all events taken", () -> taken.get() >= events);
        for (Deadline.Running waiter : waiters) {
            Deadline.awaitBlocked(waiter.thread());
        }
        channel.wakeup();
        for (Deadline.Running waiter : waiters) {
            waiter.join();
        }
        assertThat(taken.get()).isEqualTo(events);
        assertThat(channel.unreadEvents()).isZero();
        assertThat(queue.unacknowledgedEvents()).isZero();
    }

    @Test
    @DisplayName("§7.3 waits, wake-ups, interrupts and events at once: no wait is lost, no event is lost")
    final void storm() throws Throwable {
        int events = 3_000;
        AtomicInteger taken = new AtomicInteger();
        boolean[] stop = new boolean[1];
        Deadline.Running waiter = Deadline.start("waits", () -> {
            while (taken.get() < events) {
                CompletionQueue event = channel.getEvent(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                boolean unused = Thread.interrupted();
                if (event != null) {
                    event.ackEvents(1);
                    taken.incrementAndGet();
                }
            }
        });
        Deadline.Running disturber = Deadline.start("disturbs", () -> {
            for (int i = 0; waiter.isAlive(); i++) {
                if (i % 2 == 0) {
                    channel.wakeup();
                } else {
                    waiter.thread().interrupt();
                }
                for (int spin = 0; spin < 2_000; spin++) {
                    Thread.onSpinWait();
                }
            }
            stop[0] = true;
        });
        for (int i = 0; i < events; i++) {
            fire();
        }
        waiter.join();
        disturber.join();
        assertThat(stop[0]).isTrue();
        assertThat(taken.get()).isEqualTo(events);
    }
}
