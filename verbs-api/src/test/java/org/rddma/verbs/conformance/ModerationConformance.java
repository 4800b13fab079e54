package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.NotificationType.ANY;
import static org.rddma.verbs.NotificationType.SOLICITED;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/** Delayed events: verbs-semantics §1.1 modify_cq, §1.10; man ibv_modify_cq. */
@HangGuard(seconds = 60)
public abstract class ModerationConformance extends CompletionQueueConformance {
    private static final int MOST = 0xFFFF;
    private static final int PERIOD_MICROS = 20_000;

    private CompletionChannel channel;
    private CompletionQueue queue;
    private Ticker ticker;

    @BeforeEach
    final void makeQueue() {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, 64);
        ticker = new Ticker(context, queue, 64);
    }

    /** How many messages the tests under traffic move. */
    protected int messages() {
        return load(20_000);
    }

    private boolean lacksModeration() {
        return lacks(Capability.MODERATION, "moderate", () -> queue.moderate(1, 1));
    }

    private void unsolicited(int count) {
        for (int i = 0; i < count; i++) {
            ticker.unsolicited(i);
        }
    }

    private void drain() {
        WorkCompletion completion = new WorkCompletion();
        boolean some;
        do {
            some = queue.poll(completion);
        } while (some);
    }

    /** No event comes, not even after a period that may have begun. */
    private void assertNoEventForLong() {
        assertThat(channel.getEvent(3 * PERIOD_MICROS, TimeUnit.MICROSECONDS)).isNull();
        assertNoEvent(channel);
    }

    /** One event comes, when a period has passed since this call, but not before. */
    private void assertEventAfterPeriod(Runnable first) {
        long start = System.nanoTime();
        first.run();
        assertEvent(channel, queue);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MICROSECONDS.toNanos(PERIOD_MICROS));
        assertNoEvent(channel);
    }

    /** Does something, and says whether a period that began meanwhile cannot have ended meanwhile. */
    private static boolean isInPeriod(Runnable steps) {
        long start = System.nanoTime();
        steps.run();
        return System.nanoTime() - start < TimeUnit.MICROSECONDS.toNanos(PERIOD_MICROS);
    }

    /** Armed, empty and without an event, with a period, whatever was before. */
    private void anew(int count) {
        queue.moderate(0, 0);
        queue.requestNotify(ANY);
        unsolicited(1);
        assertEvent(channel, queue);
        for (CompletionQueue event = channel.tryGetEvent(); event != null; event = channel.tryGetEvent()) {
            event.ackEvents(1);
        }
        drain();
        queue.moderate(count, PERIOD_MICROS);
        queue.requestNotify(ANY);
    }

    @Test
    @DisplayName("what is out of range is refused (EINVAL), on a closed queue too (EBADF), and changes nothing")
    final void refusals() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(2, 0);
        int[][] wrong = {{-1, 0}, {0, -1}, {MOST + 1, 0}, {0, MOST + 1}, {Integer.MIN_VALUE, Integer.MAX_VALUE}};
        for (int[] pair : wrong) {
            refused("moderate", Errno.EINVAL, () -> queue.moderate(pair[0], pair[1]));
        }
        queue.requestNotify(ANY);
        unsolicited(1);
        assertNoEvent(channel);
        unsolicited(1);
        assertOneEvent(channel, queue);
        queue.moderate(MOST, MOST);
        queue.moderate(0, 0);
        CompletionQueue silent = context.createCompletionQueue(4);
        silent.moderate(2, 2);
        silent.requestNotify(ANY);
        new Ticker(context, silent).unsolicited(1);
        Completions.next(silent);
        CompletionQueue closed = context.createCompletionQueue(4);
        closed.close();
        refused("moderate", Errno.EBADF, () -> closed.moderate(1, 1));
    }

    @Test
    @DisplayName("by count: the event comes with the completion that makes the count full; all can be polled at once")
    final void byCount() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(4, 0);
        for (int round = 0; round < 3; round++) {
            unsolicited(2); // not armed: these do not count
            queue.requestNotify(ANY);
            unsolicited(3);
            assertNoEvent(channel);
            assertThat(Completions.take(queue, 5))
                    .as("§1.10 the event is delayed, not the completion")
                    .hasSize(5);
            unsolicited(1);
            assertOneEvent(channel, queue);
            Completions.next(queue);
        }
    }

    @Test
    @DisplayName("by count: a count of 1 delays nothing")
    final void countOfOne() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(1, 0);
        queue.requestNotify(ANY);
        unsolicited(1);
        assertOneEvent(channel, queue);
        queue.moderate(1, MOST);
        queue.requestNotify(ANY);
        unsolicited(1);
        assertOneEvent(channel, queue);
        assertNoEventForLong();
    }

    @Test
    @DisplayName("by period: the event comes when it has passed since the first completion, for all of them")
    final void byPeriod() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(0, PERIOD_MICROS);
        for (int round = 0; round < 3; round++) {
            unsolicited(1); // before the arm
            queue.requestNotify(ANY);
            assertNoEvent(channel);
            assertEventAfterPeriod(() -> unsolicited(3));
            drain();
        }
        unsolicited(1);
        assertNoEventForLong();
    }

    @Test
    @DisplayName("by period: it counts from the first completion, so that a stream of them cannot put it off")
    final void periodUnderTraffic() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(0, PERIOD_MICROS);
        queue.requestNotify(ANY);
        assertEventAfterPeriod(() -> Deadline.await("an event", () -> {
            unsolicited(1);
            drain();
            return channel.unreadEvents() > 0;
        }));
    }

    @Test
    @DisplayName("by both: whichever is first, and once")
    final void byBoth() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(3, PERIOD_MICROS);
        queue.requestNotify(ANY);
        assertEventAfterPeriod(() -> unsolicited(2)); // the period
        queue.requestNotify(ANY);
        drain();
        queue.moderate(3, MOST);
        long start = System.nanoTime();
        unsolicited(3); // the count
        assertEvent(channel, queue);
        long took = System.nanoTime() - start;
        assertThat(took).as("on a machine that is not stuck").isLessThan(TimeUnit.SECONDS.toNanos(5));
        queue.requestNotify(ANY);
        assertThat(channel.getEvent(2 * MOST, TimeUnit.MICROSECONDS))
                .as("the period ends in vain: nothing came since")
                .isNull();
        queue.moderate(3, PERIOD_MICROS);
        assertEventAfterPeriod(() -> unsolicited(1)); // and a period begins with its own first completion
    }

    @Test
    @DisplayName("armed for solicited ones: only they count, and only they begin the period")
    final void solicitedOnly() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(2, PERIOD_MICROS);
        queue.requestNotify(SOLICITED);
        unsolicited(5);
        assertNoEventForLong();
        ticker.solicited(6);
        unsolicited(5);
        ticker.solicited(7);
        assertOneEvent(channel, queue);
        queue.requestNotify(SOLICITED);
        drain();
        assertEventAfterPeriod(() -> ticker.solicited(8));
        queue.moderate(2, 0);
        queue.requestNotify(SOLICITED);
        ticker.solicited(9);
        queue.requestNotify(ANY); // upgraded while it is delayed
        assertNoEvent(channel);
        unsolicited(1);
        assertOneEvent(channel, queue);
    }

    @Test
    @DisplayName("polling and arming again while an event is delayed: it comes all the same, once")
    final void drainedAndArmedAgain() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(0, PERIOD_MICROS);
        queue.requestNotify(ANY);
        assertEventAfterPeriod(() -> {
            while (!isInPeriod(() -> {
                unsolicited(1);
                drain();
                assertThat(queue.requestNotify(ANY)).isFalse();
                assertThat(queue.requestNotify(SOLICITED)).isFalse();
            })) {
                anew(0);
            }
        });
        unsolicited(1);
        assertNoEventForLong();
    }

    @Test
    @DisplayName("ended (0, 0): what is delayed is raised at once, and nothing is delayed afterwards")
    final void ended() {
        if (lacksModeration()) {
            return;
        }
        int[][] rules = {{10, 0}, {0, MOST}, {10, MOST}};
        for (int[] rule : rules) {
            queue.moderate(rule[0], rule[1]);
            queue.requestNotify(ANY);
            queue.moderate(0, 0);
            assertNoEvent(channel); // nothing was delayed
            queue.moderate(rule[0], rule[1]);
            unsolicited(1);
            queue.moderate(0, 0);
            assertOneEvent(channel, queue);
            queue.requestNotify(ANY);
            unsolicited(1);
            assertOneEvent(channel, queue);
            drain();
        }
        assertThat(channel.getEvent(2 * MOST, TimeUnit.MICROSECONDS)).isNull();
    }

    @Test
    @DisplayName("changed: what is delayed is raised by the new rule at the latest")
    final void changed() {
        if (lacksModeration()) {
            return;
        }
        queue.moderate(10, 0);
        queue.requestNotify(ANY);
        unsolicited(3);
        queue.moderate(4, 0);
        assertNoEvent(channel);
        queue.moderate(3, 0);
        assertOneEvent(channel, queue);
        queue.moderate(10, 0);
        queue.requestNotify(ANY);
        assertEventAfterPeriod(() -> {
            unsolicited(1);
            queue.moderate(0, PERIOD_MICROS);
        });
        queue.moderate(0, MOST);
        queue.requestNotify(ANY);
        assertEventAfterPeriod(() -> {
            unsolicited(1);
            queue.moderate(10, PERIOD_MICROS);
        });
        queue.requestNotify(ANY);
        drain();
        while (!isInPeriod(() -> {
            unsolicited(1);
            queue.moderate(3, 0); // no period any more
        })) {
            anew(10);
        }
        assertNoEventForLong();
        unsolicited(2);
        assertOneEvent(channel, queue);
    }

    @Test
    @DisplayName("§1.3 closing a queue whose event is delayed: none comes afterwards, and its neighbour's still does")
    final void closed() {
        if (lacksModeration()) {
            return;
        }
        CompletionQueue neighbour = queueOn(channel, 16);
        Ticker other = new Ticker(context, neighbour);
        neighbour.moderate(0, PERIOD_MICROS);
        neighbour.requestNotify(ANY);
        queue.moderate(0, PERIOD_MICROS);
        queue.requestNotify(ANY);
        unsolicited(1);
        other.unsolicited(1);
        ticker.close();
        queue.close();
        assertEvent(channel, neighbour);
        assertNoEventForLong();
        neighbour.requestNotify(ANY);
        other.unsolicited(2);
        context.close(); // with an event delayed
    }

    @Test
    @DisplayName("§1.7 an overrun wakes an armed waiter at once, whatever the moderation")
    final void overrun() {
        if (lacksModeration()) {
            return;
        }
        CompletionQueue small = queueOn(channel, 4);
        End end = new End(context, new EndSpec(), small);
        new Wiring().connect(end, end);
        small.moderate(MOST, 0);
        small.requestNotify(ANY);
        SendRequest write = end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
        for (int i = 0; i < small.capacity(); i++) {
            end.post(write.wrId(i));
        }
        assertNoEvent(channel);
        end.post(write);
        assertOneEvent(channel, small);
    }

    @Test
    @DisplayName("§1.8 a consumer that arms, polls and sleeps misses no wake-up, and is woken less often than told of")
    final void noLostWakeUp() throws Throwable {
        if (lacksModeration()) {
            return;
        }
        int total = messages();
        End end = new End(context, new EndSpec().depth(16), queue);
        new Wiring().connect(end, end);
        queue.moderate(8, 200);
        long[] events = new long[1];
        long before = queue.vector().eventsRaised();
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
                    events[0]++;
                }
            }
        });
        Deadline.Running changer = Deadline.start("changes the rule", () -> {
            Random random = new Random(11);
            while (consumer.isAlive()) {
                queue.moderate(random.nextInt(20), 1 + random.nextInt(300));
                Thread.yield();
            }
        });
        Random bursts = new Random(13);
        SendRequest write = end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
        for (long id = 0; id < total && consumer.isAlive(); id++) {
            write.wrId(id);
            Deadline.await("a slot", () -> end.pair.postSend(write) == null || !consumer.isAlive());
            if (bursts.nextInt(20) == 0) {
                long pause = System.nanoTime() + bursts.nextInt(100_000);
                Deadline.await("a pause", () -> System.nanoTime() - pause > 0);
            }
        }
        consumer.join(Duration.ofSeconds(40));
        changer.join();
        assertThat(queue.vector().eventsRaised() - before).isGreaterThanOrEqualTo(events[0]);
        assertThat(events[0])
                .as("a slow device has periods that end after each completion")
                .isLessThanOrEqualTo(completesInPost() ? total / 2 : total);
    }
}
