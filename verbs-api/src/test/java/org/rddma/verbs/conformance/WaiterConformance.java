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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.CompletionWaiter;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WaitStatistics;

/** The helper that waits without losing a wake-up: verbs-semantics §1.8, §7.1, §7.6. */
public abstract class WaiterConformance extends DeviceConformance {
    private static final WaitOptions SPIN =
            new WaitOptions(Duration.ofSeconds(10), Duration.ZERO, NotificationType.ANY);

    private CompletionChannel channel;
    private CompletionQueue queue;
    private Ticker ticker;
    private final WorkCompletion[] array = WorkCompletion.array(4);

    @BeforeEach
    final void makeQueue() {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, 32);
        ticker = new Ticker(context, queue);
    }

    @Test
    @DisplayName("what is there is returned at once, no more than asked for, without arming")
    final void atOnce() {
        CompletionWaiter waiter = CompletionWaiter.of(queue, WaitOptions.SLEEP);
        for (int i = 0; i < 6; i++) {
            ticker.unsolicited(i);
        }
        assertThat(waiter.await(array)).isEqualTo(4);
        assertThat(array[3].wrId()).isEqualTo(3);
        assertThat(waiter.queue()).isSameAs(queue);
        assertThat(waiter.await(array, 0, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(waiter.await(array, 0, TimeUnit.SECONDS)).isZero();
        assertThat(waiter.await(array, -5, TimeUnit.SECONDS)).isZero();
        assertThat(waiter.statistics()).isEqualTo(new WaitStatistics(0, 0, 0, 0, 0, 0));
    }

    @Test
    @DisplayName("sleeping: armed once, woken by one event, which is acknowledged")
    final void sleeps() throws Throwable {
        CompletionWaiter waiter = CompletionWaiter.of(queue, WaitOptions.SLEEP);
        Deadline.Running waiting = Deadline.start("waits", () -> {
            assertThat(waiter.await(array)).isEqualTo(1);
            assertThat(array[0].wrId()).isEqualTo(7);
        });
        Deadline.awaitBlocked(waiting.thread());
        ticker.unsolicited(7);
        waiting.join();
        assertThat(waiter.statistics()).isEqualTo(new WaitStatistics(0, 0, 1, 1, 1, 0));
        assertThat(queue.unacknowledgedEvents()).isZero();
        assertNoEvent(channel);
    }

    @Test
    @DisplayName("spinning: found without an arm, a sleep or an event")
    final void spins() throws Throwable {
        CompletionWaiter waiter = CompletionWaiter.of(queue, SPIN);
        Deadline.Running waiting =
                Deadline.start("waits", () -> assertThat(waiter.await(array)).isEqualTo(1));
        Deadline.await("spins", () -> waiter.statistics().spins() > 100);
        ticker.unsolicited(7);
        waiting.join();
        WaitStatistics done = waiter.statistics();
        assertThat(done.arms() + done.sleeps() + done.events()).isZero();
    }

    @Test
    @DisplayName("a timeout ends the wait with 0, not before its time; wake-ups and interrupts too")
    final void ends() throws Throwable {
        WaitOptions[] all = {
            WaitOptions.SLEEP,
            WaitOptions.ADAPTIVE,
            new WaitOptions(Duration.ZERO, Duration.ofMillis(1), NotificationType.ANY)
        };
        for (WaitOptions options : all) {
            CompletionWaiter waiter = CompletionWaiter.of(queue, options);
            long start = System.nanoTime();
            assertThat(waiter.await(array, 15, TimeUnit.MILLISECONDS)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
            Deadline.Running woken = Deadline.start(
                    "is woken", () -> assertThat(waiter.await(array)).isZero());
            Deadline.awaitBlocked(woken.thread());
            channel.wakeup();
            woken.join();
            Deadline.Running interrupted = Deadline.start("is interrupted", () -> {
                assertThat(waiter.await(array)).isZero();
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
            Deadline.awaitBlocked(interrupted.thread());
            interrupted.thread().interrupt();
            interrupted.join();
            ticker.unsolicited(1);
            assertThat(waiter.await(array, 10, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("closing the context ends the wait with EBADF")
    final void contextCloses() throws Throwable {
        CompletionWaiter waiter = CompletionWaiter.of(queue, WaitOptions.SLEEP);
        Deadline.Running waiting = Deadline.start("waits", () -> {
            org.rddma.verbs.VerbsException e = org.assertj.core.api.Assertions.catchThrowableOfType(
                    org.rddma.verbs.VerbsException.class, () -> waiter.await(array));
            assertThat(Errno.nameOf(e.errno())).isEqualTo("EBADF");
        });
        Deadline.awaitBlocked(waiting.thread());
        context.close();
        waiting.join();
    }

    @Test
    @DisplayName("armed for solicited ones only: the others do not wake, and are found with the one that does")
    final void solicited() throws Throwable {
        WaitOptions options = new WaitOptions(Duration.ZERO, Duration.ZERO, NotificationType.SOLICITED);
        CompletionWaiter waiter = CompletionWaiter.of(queue, options);
        Deadline.Running waiting =
                Deadline.start("waits", () -> assertThat(waiter.await(array)).isEqualTo(3));
        Deadline.awaitBlocked(waiting.thread());
        ticker.unsolicited(1);
        ticker.unsolicited(2);
        Deadline.awaitBlocked(waiting.thread());
        ticker.solicited(3);
        waiting.join();
        assertThat(array[2].wrId()).isEqualTo(3);
    }

    @Test
    @DisplayName("of many queues on one channel: none starves, none is forgotten; wrong ones are refused (EINVAL)")
    final void members() {
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        refused(
                "CompletionWaiter",
                Errno.EINVAL,
                () -> CompletionWaiter.of(context.createCompletionQueue(1), WaitOptions.SLEEP));
        refused("CompletionWaiter.add", Errno.EINVAL, () -> waiter.add(context.createCompletionQueue(1)));
        waiter.add(queue);
        refused("CompletionWaiter.add", Errno.EINVAL, () -> waiter.add(queue));
        List<CompletionQueue> queues = new ArrayList<>();
        List<Ticker> tickers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            queues.add(queueOn(channel, 32));
            tickers.add(new Ticker(context, queues.get(i)));
            waiter.add(queues.get(i));
        }
        assertThat(waiter.await(array, 1, TimeUnit.MILLISECONDS)).isZero(); // all are armed now
        assertThat(waiter.statistics().arms()).isEqualTo(21);
        for (int round = 0; round < 10; round++) {
            int index = round * 7 % 20;
            tickers.get(index).unsolicited(round);
            assertThat(waiter.await(array, 10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(waiter.queue()).isSameAs(queues.get(index));
            assertThat(array[0].wrId()).isEqualTo(round);
        }
        assertThat(waiter.await(array, 1, TimeUnit.MILLISECONDS)).isZero();
        waiter.remove(queues.get(0));
        waiter.remove(queues.get(0));
        waiter.add(queues.get(0));
        tickers.get(0).unsolicited(77);
        assertThat(waiter.await(array, 10, TimeUnit.SECONDS)).isEqualTo(1);
        tickers.get(2).unsolicited(99);
        boolean seen = false;
        for (int i = 0; i < 5 && !seen; i++) { // a queue that is always full must not hide the others
            for (int k = 0; k < array.length; k++) {
                tickers.get(1).unsolicited(k);
            }
            assertThat(waiter.await(array, 10, TimeUnit.SECONDS)).isPositive();
            seen = array[0].wrId() == 99;
        }
        assertThat(seen).isTrue();
    }

    @ParameterizedTest
    @HangGuard(seconds = 120)
    @ValueSource(booleans = {false, true})
    @DisplayName("§7.1 a producer against the waiter, with and without a thief: no completion waits for ever")
    final void race(boolean thief) throws Throwable {
        int messages = load(200_000);
        AtomicInteger seen = new AtomicInteger();
        CompletionQueue second = queueOn(channel, 32);
        Ticker other = new Ticker(context, second);
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        waiter.add(queue);
        waiter.add(second);
        List<Deadline.Running> threads = new ArrayList<>();
        threads.add(Deadline.start("waits", () -> {
            WorkCompletion[] mine = WorkCompletion.array(3);
            while (seen.get() < messages) {
                int count = waiter.await(mine, 10, TimeUnit.SECONDS);
                if (count == 0 && seen.get() < messages) {
                    throw new AssertionError("nothing came after " + seen.get());
                }
                seen.addAndGet(count);
            }
        }));
        if (thief) {
            threads.add(Deadline.start("steals", () -> {
                WorkCompletion stolen = new WorkCompletion();
                while (seen.get() < messages && threads.get(0).isAlive()) {
                    if (queue.poll(stolen)) {
                        seen.incrementAndGet();
                    } else {
                        Thread.yield();
                    }
                }
            }));
        }
        for (int i = 0; i < messages; i++) {
            int sent = i;
            Deadline.await(
                    "room", () -> sent - seen.get() < 12 || !threads.get(0).isAlive());
            (i % 3 == 0 ? other : ticker).unsolicited(i);
        }
        Deadline.await(
                "all seen", () -> seen.get() == messages || !threads.get(0).isAlive());
        while (threads.get(0).isAlive()) {
            channel.wakeup();
            Thread.yield();
        }
        for (Deadline.Running thread : threads) {
            thread.join();
        }
        assertThat(seen.get()).isEqualTo(messages);
        assertThat(queue.unacknowledgedEvents()).isZero();
        assertThat(second.unacknowledgedEvents()).isZero();
    }
}
