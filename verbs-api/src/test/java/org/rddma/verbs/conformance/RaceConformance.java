package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/**
 * A producer against consumers that sleep: verbs-semantics §1.8, §1.11(14). Every message must be seen, and nobody may sleep
 * while there is one.
 */
public abstract class RaceConformance extends DeviceConformance {
    private static final int DEPTH = 256;

    /** Shorter than a turn of who else wants the processor, to whom it would go by yielding. */
    private static final long NAP_NANOS = 20_000;

    /** How many messages the long race has. */
    protected int messages() {
        return load(1_000_000);
    }

    /** One direction of messages, each of which must be received exactly once. */
    private static final class Race {
        final Pair pair;
        final int messages;
        final BitSet seen;
        final AtomicInteger received = new AtomicInteger();
        final AtomicInteger events = new AtomicInteger();
        final AtomicReference<Throwable> failure = new AtomicReference<>();

        Race(Pair pair, int messages) {
            this.pair = pair;
            this.messages = messages;
            seen = new BitSet(messages);
        }

        boolean isDone() {
            return received.get() >= messages;
        }

        /** Whether there is anything left to do, for all threads: when one fails, the others end too. */
        boolean goesOn() {
            return !isDone() && failure.get() == null;
        }

        Deadline.Running start(String name, Runnable body) {
            return Deadline.start(name, () -> {
                try {
                    body.run();
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                    throw e;
                }
            });
        }

        /** Waits for the end of all, and wakes those who sleep on because nothing more comes. */
        void finish(List<Deadline.Running> all, Duration limit) throws Throwable {
            Deadline.await("all messages", limit, () -> !goesOn());
            Deadline.await("the end of all threads", () -> {
                if (all.stream().anyMatch(Deadline.Running::isAlive)) {
                    pair.b().channel.wakeup();
                }
                return all.stream().noneMatch(Deadline.Running::isAlive);
            });
            if (failure.get() != null) {
                throw failure.get();
            }
            assertThat(received.get()).isEqualTo(messages);
            assertThat(seen.cardinality()).isEqualTo(messages);
            assertThat(events.get()).as("somebody slept, and more than once").isGreaterThan(messages / 1_000);
            CompletionQueue queue = pair.b().receives;
            assertThat(queue.unacknowledgedEvents()).isZero();
            assertThat(queue.poll(new WorkCompletion())).isFalse();
            assertThat(pair.b().channel.unreadEvents())
                    .as("at most the one event of the last arm")
                    .isLessThanOrEqualTo(1);
        }

        /** Sends in bursts of random length, and lets the consumers fall asleep in between. */
        void produce() {
            End a = pair.a();
            SendRequest send = a.request(0, 0, 4);
            WorkCompletion completion = new WorkCompletion();
            Random random = new Random(42);
            int restAt = 0;
            int sent = 0;
            while (sent < messages && failure.get() == null) {
                if (sent == restAt) { // all is received, so the consumers go to sleep: now, or just after the next
                    while (received.get() < sent && failure.get() == null) {
                        LockSupport.parkNanos(NAP_NANOS);
                    }
                    restAt += 50 + random.nextInt(100);
                }
                // the receiver has DEPTH receives: never more messages under way than that
                if (sent - received.get() < DEPTH) {
                    int flags = sent % 32 == 31 ? SendFlags.SIGNALED : 0;
                    if (a.pair.postSend(send.wrId(sent).sendWithImmediate(sent).flags(flags)) == null) {
                        sent++;
                    }
                } else {
                    Thread.yield();
                }
                while (a.sends.poll(completion)) {
                    check(completion.isSuccess(), completion);
                }
            }
        }

        /** What a consumer does with a completion: counts it, and gives the receive back. */
        void received(WorkCompletion completion, ReceiveRequest again) {
            check(completion.isSuccess(), completion);
            int number = completion.immediate();
            synchronized (seen) {
                check(!seen.get(number), completion);
                seen.set(number);
            }
            // before it counts, so that the producer never finds too few receives
            Deadline.await("room for a receive", () -> pair.b().pair.postReceive(again) == null);
            received.incrementAndGet();
        }

        /** The canonical loop: take an event, acknowledge, arm, drain. */
        void consume() {
            CompletionQueue queue = pair.b().receives;
            WorkCompletion completion = new WorkCompletion();
            ReceiveRequest again = new ReceiveRequest(1, pair.b().piece(0, 64));
            while (goesOn()) {
                CompletionQueue event = pair.b().channel.getEvent(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                if (event == null) { // woken at the end, or nothing came for a long time
                    check(!goesOn(), "asleep after " + received.get() + " messages, armed and no event");
                    return;
                }
                check(event == queue, event);
                events.incrementAndGet();
                event.ackEvents(1);
                queue.requestNotify(NotificationType.ANY);
                while (queue.poll(completion)) {
                    received(completion, again);
                }
            }
        }

        /**
         * Takes completions without events, from under the consumers' hands; but only so many for each event, because a
         * thief that has a processor for itself would leave nothing to a consumer that has none.
         */
        void steal() {
            WorkCompletion completion = new WorkCompletion();
            ReceiveRequest again = new ReceiveRequest(1, pair.b().piece(0, 64));
            int stolen = 0;
            int seenEvents = 0;
            while (goesOn()) {
                if (seenEvents != events.get()) {
                    seenEvents = events.get();
                    stolen = 0;
                }
                if (stolen < 500 && pair.b().receives.poll(completion)) {
                    received(completion, again);
                    stolen++;
                } else {
                    Thread.yield();
                }
            }
        }

        private static void check(boolean condition, Object what) {
            if (!condition) {
                throw new AssertionError(String.valueOf(what));
            }
        }
    }

    private Race race(int messages) {
        Pair pair = pair(new EndSpec().depth(DEPTH).queueEntries(2 * DEPTH).withChannel(), new Wiring().rnrRetries(7));
        for (int i = 0; i < DEPTH; i++) {
            pair.b().receive(1, 0, 64);
        }
        pair.b().receives.requestNotify(NotificationType.ANY);
        return new Race(pair, messages);
    }

    private void run(Race race, int consumers, boolean thief, Duration limit) throws Throwable {
        List<Deadline.Running> all = new ArrayList<>();
        for (int i = 0; i < consumers; i++) {
            all.add(race.start("consumer " + i, race::consume));
        }
        if (thief) {
            all.add(race.start("thief", race::steal));
        }
        all.add(race.start("producer", race::produce));
        race.finish(all, limit);
    }

    @Test
    @HangGuard(seconds = 120)
    @DisplayName("§1.11(14) a million messages, one consumer in the canonical loop: no message and no wake-up is lost")
    final void oneConsumer() throws Throwable {
        run(race(messages()), 1, false, Duration.ofSeconds(100));
    }

    @Test
    @HangGuard(seconds = 120)
    @DisplayName("§1.11(14) two consumers on one channel: each message is seen once")
    final void twoConsumers() throws Throwable {
        run(race(messages() / 4), 2, false, Duration.ofSeconds(50));
    }

    @Test
    @HangGuard(seconds = 120)
    @DisplayName("§1.11(14) a thief that polls: the consumers have empty wake-ups, and lose nothing")
    final void thief() throws Throwable {
        run(race(messages() / 4), 1, true, Duration.ofSeconds(50));
    }

    @Test
    @HangGuard(seconds = 120)
    @DisplayName("§1.11(14) the optimised loop (drain, arm, drain again, only then wait) loses nothing either")
    final void optimisedLoop() throws Throwable {
        Race race = race(messages() / 4);
        CompletionQueue queue = race.pair.b().receives;
        List<Deadline.Running> all = new ArrayList<>();
        all.add(race.start("consumer", () -> {
            WorkCompletion completion = new WorkCompletion();
            ReceiveRequest again = new ReceiveRequest(1, race.pair.b().piece(0, 64));
            while (race.goesOn()) {
                while (queue.poll(completion)) {
                    race.received(completion, again);
                }
                if (queue.requestNotify(NotificationType.ANY) || !race.goesOn()) {
                    continue; // it says itself that there is something
                }
                CompletionQueue event =
                        race.pair.b().channel.getEvent(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                Race.check(event == queue || !race.goesOn(), "asleep after " + race.received.get() + " messages");
                if (event != null) {
                    race.events.incrementAndGet();
                    event.ackEvents(1);
                }
            }
        }));
        all.add(race.start("producer", race::produce));
        race.finish(all, Duration.ofSeconds(50));
    }

    @Test
    @HangGuard(seconds = 120)
    @DisplayName(
            "§1.2 one message at a time, sent just when the other side arms: no later message makes up for a lost event")
    final void oneAtATime() throws Throwable {
        int rounds = messages() / 4;
        Pair pair = pair(new EndSpec().depth(16).withChannel());
        CompletionQueue queue = pair.b().receives;
        AtomicInteger received = new AtomicInteger();
        int[] events = new int[1];
        Deadline.Running consumer = Deadline.start("consumer", () -> {
            WorkCompletion completion = new WorkCompletion();
            Random delays = new Random(42);
            while (received.get() < rounds) {
                // drain, arm, drain once more, only then wait; here without sleep, so that it comes round quickly
                boolean some = queue.poll(completion);
                if (some) {
                    received.incrementAndGet(); // the next one is sent now
                    for (int spin = delays.nextInt(16); spin > 0; spin--) { // and arrives about when this side arms
                        Thread.onSpinWait();
                    }
                }
                boolean isThere = queue.requestNotify(NotificationType.ANY);
                if (isThere || received.get() == rounds) {
                    continue;
                }
                int before = received.get();
                Deadline.await(
                        "an event after message " + before,
                        () -> pair.b().channel.tryGetEvent() == queue);
                events[0]++;
                queue.ackEvents(1);
            }
        });
        SendRequest write = pair.a()
                .request(1, 0, 8)
                .writeWithImmediate(pair.b().address(64), pair.b().memory.rkey(), 7);
        ReceiveRequest receive = new ReceiveRequest();
        WorkCompletion completion = new WorkCompletion();
        for (int i = 0; i < rounds && consumer.isAlive(); i++) {
            Deadline.await("room", () -> pair.b().pair.postReceive(receive) == null);
            int wanted = i;
            Deadline.await("message " + i, () -> received.get() == wanted || !consumer.isAlive());
            pair.a().post(write);
            Deadline.await("a completion", () -> pair.a().sends.poll(completion));
        }
        consumer.join();
        assertThat(received.get()).isEqualTo(rounds);
        assertThat(events[0]).isPositive();
    }
}
