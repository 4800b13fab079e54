package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.app.EventLoop;
import org.rddma.verbs.app.EventLoopOptions;
import org.rddma.verbs.app.LoopSender;
import org.rddma.verbs.app.LoopTimer;
import org.rddma.verbs.app.RequestCallbacks;
import org.rddma.verbs.app.WaitOptions;

/** The event loop under load: no wake-up is lost, and a round makes no garbage. */
@HangGuard(seconds = 60)
public abstract class EventLoopLoadConformance extends DeviceConformance {
    private static final long RECEIVED = 7;

    /** What the measurement itself may cost, over all rounds. */
    private static final long NOISE = 1_000;

    private static final WaitOptions SPIN_BRIEFLY =
            new WaitOptions(Duration.ofNanos(20_000), Duration.ofNanos(20_000), NotificationType.ANY);

    /** One producer for each of several queues on two channels, which waits until its messages are seen now and then. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§7.1 producers against a loop, with many tasks besides: no completion and no task waits for ever")
    final void race(boolean polling) throws Throwable {
        int messages = load(60_000);
        EventLoopOptions options =
                EventLoopOptions.DEFAULT.withBudget(5).withWaiting(polling ? SPIN_BRIEFLY : WaitOptions.SLEEP);
        try (EventLoop loop = new EventLoop(options)) {
            CompletionChannel[] channels = {context.createCompletionChannel(), context.createCompletionChannel()};
            int queues = 3;
            AtomicInteger[] seen = new AtomicInteger[queues];
            Ticker[] tickers = new Ticker[queues];
            for (int q = 0; q < queues; q++) {
                AtomicInteger mine = new AtomicInteger();
                seen[q] = mine;
                CompletionQueue queue = queueOn(channels[q % 2], 32);
                tickers[q] = new Ticker(context, queue);
                loop.add(queue, completion -> {
                    assertThat(completion.wrId()).isEqualTo(mine.get());
                    mine.incrementAndGet();
                });
            }
            AtomicInteger tasks = new AtomicInteger();
            Deadline.Running running = Deadline.start("the loop", loop::run);
            List<Deadline.Running> producers = new ArrayList<>();
            for (int q = 0; q < queues; q++) {
                int queue = q;
                producers.add(Deadline.start("producer " + q, () -> {
                    for (int i = 0; i < messages / queues; i++) {
                        int room = i - (i % 7 == 0 ? 0 : 11); // now and then all is seen, so that the loop may sleep
                        Deadline.await("room", () -> seen[queue].get() >= room || !running.isAlive());
                        tickers[queue].unsolicited(i);
                        if (i % 16 == 0) {
                            Deadline.await("room", () -> loop.tryExecute(tasks::incrementAndGet));
                        }
                    }
                }));
            }
            for (Deadline.Running producer : producers) {
                producer.join(Duration.ofSeconds(50));
            }
            for (AtomicInteger mine : seen) {
                Deadline.await("all messages", () -> mine.get() == messages / queues || !running.isAlive());
            }
            loop.stop();
            running.join();
            assertThat(tasks.get()).isEqualTo(queues * ((messages / queues + 15) / 16));
        }
    }

    @Test
    @DisplayName(
            "two loops in two threads send each other messages: every send and receive comes back where it belongs")
    final void loops() throws Throwable {
        int messages = load(20_000);
        Pair pair = pair(new EndSpec().withChannel().oneQueue().depth(8));
        try (EventLoop first = new EventLoop();
                EventLoop second = new EventLoop()) {
            AtomicInteger[] done = {new AtomicInteger(), new AtomicInteger()};
            echo(first, pair.a(), messages, true, done[0]);
            echo(second, pair.b(), messages, false, done[1]);
            Deadline.Running a = Deadline.start("first loop", first::run);
            Deadline.Running b = Deadline.start("second loop", second::run);
            Deadline.await(
                    "all messages",
                    Duration.ofSeconds(50),
                    () -> done[0].get() + done[1].get() == 2 * messages || !a.isAlive() || !b.isAlive());
            first.stop();
            second.stop();
            a.join();
            b.join();
            assertThat(done[0].get() + done[1].get()).isEqualTo(2 * messages);
        }
    }

    /** One side of a ping-pong: a receive is answered with a send; both complete in one queue. */
    private static void echo(EventLoop loop, End end, int messages, boolean begins, AtomicInteger done) {
        SendRequest send =
                new SendRequest().flags(SendFlags.SIGNALED).sge(end.piece(0, 8)).send();
        ReceiveRequest receive = new ReceiveRequest(RECEIVED, end.piece(64, 8));
        int[] sent = new int[1];
        LoopSender[] sender = new LoopSender[1];
        loop.add(end.sends, completion -> {
            assertThat(completion.isSuccess()).isTrue();
            if (completion.wrId() != RECEIVED) {
                return;
            }
            assertThat(end.memory.buffer().getInt(64)).isEqualTo(done.getAndIncrement());
            end.receive(receive);
            if (sent[0] < messages) {
                end.memory.buffer().putInt(0, sent[0]++);
                assertThat(sender[0].post(send)).isNull();
            }
        });
        sender[0] = loop.sender(end.pair, () -> {});
        for (int i = 0; i < 4; i++) {
            end.receive(receive);
        }
        if (begins) {
            loop.execute(() -> {
                end.memory.buffer().putInt(0, sent[0]++);
                assertThat(sender[0].post(send)).isNull();
            });
        }
    }

    /** What a loop does all day, in its own thread: completions, a callback per request, a timer, a task, a sender. */
    private static final class Day implements Runnable {
        private long done;
        private final EventLoop loop;
        private final End end;
        private final RequestCallbacks callbacks = new RequestCallbacks(16);
        private final CompletionHandler each = completion -> done++;
        private final LoopTimer timer;
        private final Runnable task = this::count;
        private final LoopSender sender;
        private final SendRequest request;

        Day(EventLoop loop, End end) {
            this.loop = loop;
            this.end = end;
            timer = loop.timer(task);
            loop.add(end.sends, callbacks);
            sender = loop.sender(end.pair, task);
            request = end.request(0, 0, 8).write(end.address(32), end.memory.rkey());
        }

        private void count() {
            done++;
        }

        @Override
        public void run() {
            int expected = 0;
            while (!sender.isFull()) {
                long id = callbacks.add(each);
                if (sender.post(request.wrId(id)) == null) {
                    expected++;
                } else {
                    check(callbacks.remove(id));
                }
            }
            timer.start(0, TimeUnit.SECONDS);
            loop.execute(task);
            long wanted = done + expected + 3;
            long start = System.nanoTime();
            while (done < wanted) {
                boolean unused = loop.turn();
                check(System.nanoTime() - start < Deadline.PATIENCE.toNanos());
            }
            check(done == wanted && callbacks.size() == 0 && end.sends.unacknowledgedEvents() == 0);
        }
    }

    @Test
    @DisplayName("0 bytes per event in steady state: queues, requests, senders, timers and tasks of the loop's own")
    final void garbage() {
        try (EventLoop loop = new EventLoop()) {
            Day day = new Day(loop, self(new EndSpec().withChannel().oneQueue().depth(4)));
            allocatesNothing(day, Math.max(load(10_000), 1_500));
        }
    }

    @Test
    @DisplayName(
            "0 bytes per event in steady state: a loop that sleeps and is woken by completions and tasks of another thread")
    final void garbageWhenWoken() throws Throwable {
        int rounds = Math.max(load(20_000), 2_000);
        try (EventLoop loop = new EventLoop()) {
            End end = self(new EndSpec().withChannel().oneQueue());
            AtomicInteger done = new AtomicInteger();
            loop.add(end.sends, completion -> done.incrementAndGet());
            SendRequest write = end.request(1, 0, 8).write(end.address(32), end.memory.rkey());
            List<Long> bytes = new ArrayList<>();
            Runnable task = done::incrementAndGet;
            Runnable look = () -> bytes.add(AllocatedBytes.ofThisThread());
            Deadline.Running running = Deadline.start("the loop", loop::run);
            for (int i = 0; i < 4 * rounds; i++) {
                if (i > 0 && i % rounds == 0) {
                    loop.execute(look);
                }
                end.post(write);
                loop.execute(task);
                int expected = 2 * i + 2;
                Deadline.await("both", () -> done.get() == expected || !running.isAlive());
            }
            loop.execute(look);
            loop.stop();
            running.join();
            assertThat(loop.statistics().sleeps()).isGreaterThan(rounds);
            long least = Long.MAX_VALUE;
            for (int i = 1; i < bytes.size(); i++) { // the compiler may still be at work at first
                least = Math.min(least, bytes.get(i) - bytes.get(i - 1));
            }
            assertThat(least).isBetween(0L, NOISE);
        }
    }

    private static void allocatesNothing(Runnable operation, int times) {
        for (int i = 0; i < times; i++) {
            operation.run();
        }
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3 && least > NOISE; attempt++) { // the compiler may still be at work at first
            long before = AllocatedBytes.ofThisThread();
            for (int i = 0; i < times; i++) {
                operation.run();
            }
            least = Math.min(least, AllocatedBytes.ofThisThread() - before);
        }
        assertThat(least).as("bytes allocated by %d rounds", times).isLessThanOrEqualTo(NOISE);
    }

    private static void check(boolean condition) {
        if (!condition) {
            throw new AssertionError("the loop did not do what it is measured for");
        }
    }
}
