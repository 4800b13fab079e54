package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.EventLoop;
import org.rddma.verbs.app.EventLoopOptions;
import org.rddma.verbs.app.EventLoopRemains;
import org.rddma.verbs.app.LoopSender;
import org.rddma.verbs.app.QueueHandler;
import org.rddma.verbs.app.RequestCallbacks;
import org.rddma.verbs.app.WaitOptions;

/** The loop that waits for many queues and calls back: rddma-api.txt, the third alternative. */
public abstract class EventLoopConformance extends DeviceConformance {
    private EventLoop loop;
    private Deadline.Running running;

    @BeforeEach
    final void makeLoop() {
        loop = new EventLoop();
    }

    @AfterEach
    final void closeLoop() {
        loop.close();
    }

    private void run() {
        running = Deadline.start("the loop", loop::run);
    }

    private void stop() throws Throwable {
        loop.stop();
        running.join();
    }

    /** Goes around, without sleeping, until something is true. */
    private void turnUntil(String what, java.util.function.BooleanSupplier condition) {
        Deadline.await(what, () -> {
            boolean unused = loop.turn();
            return condition.getAsBoolean();
        });
    }

    /** Goes around until the loop would sleep. */
    private void turnUntilAsleep() {
        Deadline.await("the loop would sleep", () -> !loop.turn());
    }

    /** A queue with something that puts completions into it, and what the loop found in it. */
    private final class Line implements QueueHandler {
        final CompletionQueue queue;
        final Ticker ticker;
        final List<Long> seen = new ArrayList<>();
        final AtomicInteger count = new AtomicInteger();
        final List<VerbsException> failures = new ArrayList<>();

        Line(CompletionChannel channel) {
            queue = queueOn(channel, 32);
            ticker = new Ticker(context, queue);
        }

        @Override
        public void onCompletion(WorkCompletion completion) {
            seen.add(completion.wrId());
            count.incrementAndGet();
        }

        @Override
        public void onFailure(CompletionQueue failed, VerbsException failure) {
            assertThat(failed).isSameAs(queue);
            failures.add(failure);
        }

        Line added() {
            loop.add(queue, this);
            return this;
        }
    }

    private Line line() {
        return new Line(context.createCompletionChannel());
    }

    private void close(Line line) {
        line.ticker.close();
        line.queue.close();
    }

    @Test
    @DisplayName("many queues on several channels: each completion reaches its queue's handler, in order, once")
    final void manyQueues() throws Throwable {
        List<Line> lines = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            CompletionChannel channel = context.createCompletionChannel();
            for (int q = 0; q < 4; q++) {
                lines.add(new Line(channel).added());
            }
        }
        run();
        for (int i = 0; i < 10; i++) {
            for (Line line : lines) {
                line.ticker.unsolicited(i);
            }
        }
        for (Line line : lines) {
            Deadline.await("all completions", () -> line.count.get() == 10);
        }
        stop();
        for (Line line : lines) {
            assertThat(line.seen).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
            assertThat(line.queue.unacknowledgedEvents()).isZero();
        }
        assertThat(loop.statistics().completions()).isEqualTo(160);
        assertThat(loop.remains()).isEqualTo(new EventLoopRemains(16, 0, 0, 0, 0));
    }

    @Test
    @DisplayName("a loop that sleeps is woken by a completion, and sleeps again: over and over, by one event each")
    final void wakes() throws Throwable {
        Line line = line().added();
        run();
        for (int i = 0; i < 20; i++) {
            int expected = i + 1;
            Deadline.await("it falls asleep", () -> loop.statistics().sleeps() >= expected);
            Deadline.awaitBlocked(running.thread());
            line.ticker.unsolicited(i);
            Deadline.await("the completion", () -> line.count.get() == expected);
        }
        stop();
        assertThat(loop.statistics().sleeps()).isGreaterThanOrEqualTo(20);
        assertThat(loop.statistics().rounds()).isLessThan(200);
    }

    @Test
    @DisplayName("what was there before the queue was added is found, without an event")
    final void before() {
        Line line = line();
        line.ticker.unsolicited(5);
        line.added();
        turnUntil("the completion", () -> line.count.get() == 1);
        turnUntilAsleep();
        line.ticker.unsolicited(6);
        turnUntil("the other", () -> line.count.get() == 2);
    }

    @Test
    @DisplayName("a callback per work request: each is called once, with its own completion, and its id is free again")
    final void requests() {
        End end = self(new EndSpec().withChannel().oneQueue().depth(8));
        RequestCallbacks callbacks = new RequestCallbacks(8);
        loop.add(end.sends, callbacks);
        int[] calls = new int[50];
        int posted = 0;
        while (posted < calls.length) {
            int request = posted;
            long id = callbacks.add(completion -> {
                assertThat(completion.isSuccess()).isTrue();
                calls[request]++;
            });
            if (id == RequestCallbacks.FULL) {
                turnUntil("a free id", () -> callbacks.size() < 8);
            } else {
                SendRequest send = end.request(id, 0, 8).write(end.address(32), end.memory.rkey());
                if (end.pair.postSend(send) == null) {
                    posted++;
                } else {
                    assertThat(callbacks.remove(id)).isTrue();
                    boolean unused = loop.turn();
                }
            }
        }
        turnUntil("all completions", () -> callbacks.size() == 0);
        assertThat(calls).containsOnly(1);
    }

    @Test
    @DisplayName("a queue that is always full has its budget, and everybody else has a turn meanwhile")
    final void fair() {
        loop.close();
        loop = new EventLoop(EventLoopOptions.DEFAULT.withBudget(3));
        CompletionChannel channel = context.createCompletionChannel();
        Line busy = new Line(channel);
        Line sameChannel = new Line(channel);
        Line other = line();
        AtomicInteger refills = new AtomicInteger();
        loop.add(busy.queue, completion -> {
            busy.ticker.unsolicited(refills.incrementAndGet());
            busy.onCompletion(completion);
        });
        sameChannel.added();
        other.added();
        for (int i = 0; i < 6; i++) {
            busy.ticker.unsolicited(0);
        }
        turnUntil("it is busy", () -> busy.count.get() > 20);
        sameChannel.ticker.unsolicited(1);
        other.ticker.unsolicited(1);
        Deadline.await(
                "their events",
                () -> channel.unreadEvents() > 0
                        && Descriptors.isReadable(other.queue.channel().fd()));
        AtomicInteger timers = new AtomicInteger();
        loop.timer(timers::incrementAndGet).start(0, TimeUnit.SECONDS);
        AtomicInteger tasks = new AtomicInteger();
        loop.execute(tasks::incrementAndGet);
        int start = busy.count.get();
        turnUntil("all others", () -> sameChannel.count.get() + other.count.get() + timers.get() + tasks.get() == 4);
        if (completesInPost()) {
            assertThat(busy.count.get() - start).isLessThanOrEqualTo(9);
        }
    }

    @Test
    @DisplayName(
            "a queue that is removed in its own callback: what is left in it stays, and it can be closed right there")
    final void removesItself() {
        CompletionChannel channel = context.createCompletionChannel();
        Line stays = new Line(channel).added();
        Line leaves = new Line(channel);
        loop.add(leaves.queue, completion -> {
            leaves.onCompletion(completion);
            assertThat(loop.remove(leaves.queue)).isTrue();
            assertThat(loop.remove(leaves.queue)).isFalse();
        });
        for (int i = 0; i < 3; i++) {
            leaves.ticker.unsolicited(i);
            stays.ticker.unsolicited(i);
        }
        turnUntil("all of the one that stays", () -> stays.count.get() == 3);
        turnUntilAsleep();
        assertThat(leaves.seen).containsExactly(0L);
        WorkCompletion left = new WorkCompletion();
        Deadline.await("what is left", () -> leaves.queue.poll(left));
        assertThat(left.wrId()).isEqualTo(1);

        Line closes = new Line(channel);
        loop.add(closes.queue, completion -> {
            closes.onCompletion(completion);
            loop.remove(closes.queue);
            close(closes);
        });
        closes.ticker.unsolicited(1);
        stays.ticker.unsolicited(3);
        turnUntil("both", () -> closes.count.get() == 1 && stays.count.get() == 4);
        turnUntilAsleep();
        assertThat(loop.remains().queues()).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "the last queue of a channel takes the channel with it: it can be closed in the callback, others go on")
    final void channelCloses() {
        Line stays = line().added();
        Line leaves = line();
        loop.add(leaves.queue, completion -> {
            leaves.onCompletion(completion);
            loop.remove(leaves.queue);
            CompletionChannel channel = leaves.queue.channel();
            close(leaves);
            channel.close();
            line().added().ticker.unsolicited(7); // its descriptor may have the same number
        });
        leaves.ticker.unsolicited(1);
        leaves.ticker.unsolicited(2);
        turnUntil("the callback", () -> leaves.count.get() == 1);
        turnUntilAsleep();
        stays.ticker.unsolicited(1);
        turnUntil("the other", () -> stays.count.get() == 1);
        turnUntilAsleep();
        assertThat(loop.remains().queues()).isEqualTo(2);
        assertThat(loop.statistics().completions()).isEqualTo(3);
    }

    @Test
    @DisplayName("callbacks remove other queues that are due in the same round, and add new ones")
    final void changesOthers() {
        CompletionChannel channel = context.createCompletionChannel();
        List<Line> lines = new ArrayList<>();
        List<Line> added = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            lines.add(new Line(i % 2 == 0 ? channel : context.createCompletionChannel()));
        }
        for (Line line : lines) {
            loop.add(line.queue, completion -> {
                line.onCompletion(completion);
                for (Line other : lines) {
                    assertThat(loop.remove(other.queue)).isEqualTo(added.isEmpty());
                }
                added.add(new Line(channel).added());
                added.get(0).ticker.unsolicited(9);
            });
        }
        for (Line line : lines) {
            line.ticker.unsolicited(1);
        }
        turnUntil("the new one", () -> !added.isEmpty() && added.get(0).count.get() == 1);
        turnUntilAsleep();
        assertThat(lines.stream().mapToInt(line -> line.count.get()).sum()).isEqualTo(1);
        assertThat(loop.remains()).isEqualTo(new EventLoopRemains(1, 0, 0, 0, 0));
    }

    @Test
    @DisplayName("a queue is removed and added again, with an event unread or on its way: nothing is lost or refused")
    final void addedAgain() {
        Line line = line().added();
        for (int i = 0; i < 20; i++) {
            turnUntilAsleep(); // armed
            if (i % 2 == 0) {
                line.ticker.unsolicited(i);
                loop.remove(line.queue);
            } else {
                loop.remove(line.queue);
                line.ticker.unsolicited(i);
            }
            line.added();
            int expected = i + 1;
            turnUntil("completion " + i, () -> line.count.get() == expected);
        }
    }

    @Test
    @DisplayName("an event of a queue that was removed before its channel came back is dropped, and no failure")
    final void eventOfRemovedQueue() {
        CompletionChannel channel = context.createCompletionChannel();
        Line gone = new Line(channel).added();
        Line back = new Line(channel).added();
        turnUntilAsleep(); // both are armed
        loop.remove(gone.queue);
        loop.remove(back.queue);
        gone.ticker.unsolicited(1);
        Deadline.await("its event", () -> channel.unreadEvents() > 0);
        back.added();
        back.ticker.unsolicited(2);
        turnUntil("the completion of the other", () -> back.count.get() == 1);
        turnUntilAsleep();
        assertThat(gone.queue.unacknowledgedEvents()).isZero();
        assertThat(gone.count.get()).isZero();
    }

    @Test
    @DisplayName("armed for solicited ones only: the others do not wake the loop, and are found with the one that does")
    final void solicited() throws Throwable {
        loop.close();
        loop = new EventLoop(EventLoopOptions.DEFAULT.withWaiting(
                new WaitOptions(Duration.ZERO, Duration.ZERO, NotificationType.SOLICITED)));
        Line line = line().added();
        turnUntilAsleep(); // it is armed
        run();
        Deadline.awaitBlocked(running.thread());
        line.ticker.unsolicited(1);
        assertNoEvent(line.queue.channel());
        assertThat(line.count.get()).isZero();
        line.ticker.solicited(2);
        Deadline.await("both", () -> line.count.get() == 2);
        stop();
    }

    @Test
    @DisplayName("a loop that polls on for a while finds completions without arming, then arms and sleeps")
    final void polls() throws Throwable {
        loop.close();
        loop = new EventLoop(EventLoopOptions.DEFAULT.withWaiting(
                new WaitOptions(Duration.ofMillis(50), Duration.ofMillis(50), NotificationType.ANY)));
        Line line = line().added();
        run();
        for (int i = 0; i < 10; i++) {
            line.ticker.unsolicited(i);
            int expected = i + 1;
            Deadline.await("the completion", () -> line.count.get() == expected);
        }
        Deadline.await("sleeps", () -> loop.statistics().sleeps() > 0);
        Deadline.awaitBlocked(running.thread());
        line.ticker.unsolicited(10);
        Deadline.await("the last", () -> line.count.get() == 11);
        stop();
    }

    @Test
    @DisplayName(
            "a full send queue: nothing more is taken until there is room, then the action is called; order is kept")
    final void sender() {
        End end = self(new EndSpec().withChannel().oneQueue().depth(4));
        List<Long> done = new ArrayList<>();
        LoopSender[] sender = new LoopSender[1];
        SendRequest overtakes = end.request(-1, 0, 8).write(end.address(32), end.memory.rkey());
        loop.add(end.sends, completion -> {
            done.add(completion.wrId());
            if (sender[0].isFull()) { // there is room, but the action has not been called
                assertThat(sender[0].post(overtakes)).isSameAs(overtakes);
            }
        });
        AtomicInteger next = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        Runnable post = () -> {
            while (next.get() < 50) {
                SendRequest request = end.request(next.get(), 0, 8).write(end.address(32), end.memory.rkey());
                if (sender[0].post(request) != null) {
                    assertThat(sender[0].isFull()).isTrue();
                    assertThat(sender[0].post(request)).isSameAs(request);
                    return;
                }
                next.incrementAndGet();
            }
        };
        sender[0] = loop.sender(end.pair, () -> {
            calls.incrementAndGet();
            post.run();
        });
        post.run();
        assertThat(sender[0].isFull()).isTrue();
        turnUntil("all sends", () -> done.size() == 50);
        for (int i = 0; i < 50; i++) {
            assertThat(done.get(i)).isEqualTo(i);
        }
        assertThat(calls.get()).isBetween(50 / end.pair.capabilities().maxSendRequests() - 1, 50);
        assertThat(sender[0].isFull()).isFalse();
        loop.remove(end.sends);
        refused("LoopSender.post", Errno.EINVAL, () -> sender[0].post(new SendRequest()));
        refused("EventLoop.sender", Errno.EINVAL, () -> loop.sender(end.pair, () -> {}));
    }

    @Test
    @DisplayName("a sender that was full goes on after its queue was removed and added again")
    final void senderOfQueueAddedAgain() {
        End end = self(new EndSpec().withChannel().oneQueue().depth(2));
        loop.add(end.sends, completion -> {});
        LoopSender sender = loop.sender(end.pair, () -> {});
        SendRequest request = end.request(1, 0, 8).write(end.address(32), end.memory.rkey());
        while (!sender.isFull()) {
            SendRequest unused = sender.post(request);
        }
        loop.remove(end.sends);
        Deadline.await("completions", () -> end.sends.poll(new WorkCompletion()));
        loop.add(end.sends, completion -> {});
        assertThat(sender.post(request)).isNull();
    }

    @Test
    @DisplayName("a sender whose full queue pair was reset goes on after its own reset, and its action is not called")
    final void senderReset() {
        End end = self(new EndSpec().withChannel().oneQueue().depth(2));
        loop.add(end.sends, completion -> {});
        AtomicInteger calls = new AtomicInteger();
        LoopSender sender = loop.sender(end.pair, calls::incrementAndGet);
        sender.reset(); // harmless when it was not full
        fill(sender, end);
        end.pair.modify(to(QueuePairState.RESET));
        sender.reset();
        assertThat(sender.isFull()).isFalse();
        new Wiring().connect(end, end);
        SendRequest request = end.request(1, 0, 8).write(end.address(32), end.memory.rkey());
        assertThat(sender.post(request)).isNull();
        turnUntilAsleep();
        assertThat(calls.get()).isZero();
        fill(sender, end);
        turnUntil("room", () -> calls.get() == 1);
        assertThat(sender.isFull()).isFalse();
    }

    @Test
    @DisplayName("a sender that is reset when there is room already, and its queue pair closed, is not called any more")
    final void senderResetBeforeItsTurn() {
        End end = self(new EndSpec().withChannel().oneQueue().depth(2));
        LoopSender[] sender = new LoopSender[1];
        AtomicInteger completions = new AtomicInteger();
        loop.add(end.sends, completion -> {
            if (completions.getAndIncrement() == 0) { // there is room: it would have the next turn
                sender[0].reset();
                end.pair.close();
            }
        });
        AtomicInteger calls = new AtomicInteger();
        sender[0] = loop.sender(end.pair, calls::incrementAndGet);
        fill(sender[0], end);
        turnUntil("a completion", () -> completions.get() > 0);
        turnUntilAsleep();
        assertThat(calls.get()).isZero();
        assertThat(sender[0].isFull()).isFalse();
    }

    private static void fill(LoopSender sender, End end) {
        SendRequest request = end.request(1, 0, 8).write(end.address(32), end.memory.rkey());
        while (!sender.isFull()) {
            SendRequest unused = sender.post(request);
        }
    }

    @Test
    @DisplayName("a turn that does nothing but call a sender back, or tell a failure, says that something was done")
    final void turnsThatCallBack() {
        End end = self(new EndSpec().withChannel().oneQueue().depth(2));
        loop.add(end.sends, completion -> {});
        AtomicInteger calls = new AtomicInteger();
        LoopSender sender = loop.sender(end.pair, calls::incrementAndGet);
        fill(sender, end);
        Deadline.await("room", () -> {
            int before = calls.get();
            boolean done = loop.turn();
            assertThat(done || calls.get() == before).isTrue();
            return calls.get() > 0;
        });
    }

    @Test
    @DisplayName("a queue that was overrun: all that is in it is handed out, then its handler is told; others go on")
    final void overrun() {
        SmallQueue small = new SmallQueue(context, context.createCompletionChannel());
        Line other = line().added();
        List<Long> seen = new ArrayList<>();
        List<VerbsException> failures = new ArrayList<>();
        loop.add(small.queue, new QueueHandler() {
            @Override
            public void onCompletion(WorkCompletion completion) {
                seen.add(completion.wrId());
            }

            @Override
            public void onFailure(CompletionQueue queue, VerbsException failure) {
                failures.add(failure);
                assertThat(loop.remove(queue)).isFalse();
            }
        });
        List<AsyncEventType> events = new ArrayList<>();
        loop.add(context.asyncEvents(), event -> {
            events.add(event.type());
            if (event.completionQueue() != null) {
                small.end.pair.close(Duration.ZERO);
                loop.remove(event.completionQueue());
                event.completionQueue().close(Duration.ZERO); // acknowledged already
            }
        });
        small.overrun();
        turnUntil("the failure and the event", () -> !events.isEmpty() && (!failures.isEmpty() || seen.isEmpty()));
        assertThat(events).contains(AsyncEventType.CQ_ERR);
        for (VerbsException failure : failures) {
            assertThat(Errno.nameOf(failure.errno())).isEqualTo("EOVERFLOW");
            assertThat(seen).hasSize(small.queue.capacity());
        }
        other.ticker.unsolicited(1);
        turnUntil("the other queue", () -> other.count.get() == 1);
    }

    @Test
    @DisplayName("a failure that no handler takes ends the loop: run throws it, and what is left is said")
    final void failureEnds() throws Throwable {
        Line line = line();
        loop.add(line.queue, completion -> {
            throw new IllegalStateException("planted");
        });
        line.ticker.unsolicited(1);
        line.ticker.unsolicited(2);
        assertThatThrownBy(() -> {
                    while (true) {
                        loop.run();
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("planted");
        assertThat(loop.isStopped()).isTrue();
        assertThat(loop.turn()).isFalse();
        assertThat(loop.remains().queues()).isEqualTo(1);
        WorkCompletion left = new WorkCompletion();
        Deadline.await("the other completion", () -> line.queue.poll(left));
        assertThat(left.wrId()).isEqualTo(2);
    }

    @Test
    @DisplayName("with a handler of failures the loop goes on, and nothing is lost")
    final void failureHandled() {
        List<Object> about = new ArrayList<>();
        loop.onFailure((what, failure) -> {
            assertThat(failure).hasMessage("planted");
            about.add(what);
        });
        Line line = line();
        loop.add(line.queue, completion -> {
            line.onCompletion(completion);
            throw new IllegalStateException("planted");
        });
        for (int i = 0; i < 5; i++) {
            line.ticker.unsolicited(i);
        }
        turnUntil("all completions", () -> line.count.get() == 5);
        assertThat(about).hasSize(5).containsOnly(line.queue);
    }

    @Test
    @DisplayName("a queue that nobody added fires on a channel of the loop: that is said, and the others go on")
    final void foreignQueue() {
        List<Throwable> failures = new ArrayList<>();
        loop.onFailure((what, failure) -> failures.add(failure));
        CompletionChannel channel = context.createCompletionChannel();
        Line line = new Line(channel).added();
        Line stranger = new Line(channel);
        turnUntilAsleep();
        boolean unused = stranger.queue.requestNotify(NotificationType.ANY);
        stranger.ticker.unsolicited(1);
        turnUntil("a failure", () -> !failures.isEmpty());
        assertThat(failures.get(0)).isInstanceOf(VerbsException.class).hasMessageContaining("add it");
        line.ticker.unsolicited(1);
        turnUntil("the other queue", () -> line.count.get() == 1);
        assertThat(stranger.queue.unacknowledgedEvents()).isZero();
    }

    @Test
    @DisplayName("a context that is closed under a sleeping loop: its queues fail with EBADF, the loop goes on")
    final void contextCloses() throws Throwable {
        Line line = line().added();
        List<Throwable> failures = new ArrayList<>();
        AtomicInteger count = new AtomicInteger();
        loop.onFailure((what, failure) -> {
            failures.add(failure);
            count.incrementAndGet();
        });
        loop.add(line.queue.context().asyncEvents(), event -> {});
        run();
        Deadline.awaitBlocked(running.thread());
        context.close();
        Deadline.await("the failure of the event channel", () -> count.get() == 1);
        AtomicBoolean asked = new AtomicBoolean();
        AtomicBoolean empty = new AtomicBoolean();
        Deadline.await(
                "nothing is left in the loop",
                () -> { // the context closes one thing after the other
                    if (asked.compareAndSet(false, true)) {
                        loop.execute(() -> {
                            empty.set(loop.remains().isEmpty());
                            asked.set(false);
                        });
                    }
                    return empty.get();
                });
        stop();
        assertThat(failures).hasSize(1);
        assertThat(Errno.nameOf(((VerbsException) failures.get(0)).errno())).isEqualTo("EBADF");
        assertThat(line.failures).hasSize(1);
        assertThat(Errno.nameOf(line.failures.get(0).errno())).isEqualTo("EBADF");
    }

    @Test
    @DisplayName("wrong queues are refused, and change nothing (EINVAL)")
    final void refusals() {
        Line line = line().added();
        refused("EventLoop.add", Errno.EINVAL, () -> loop.add(line.queue, line));
        refused("EventLoop.add", Errno.EINVAL, () -> loop.add(context.createCompletionQueue(1), line));
        refused("EventLoop.add", Errno.EINVAL, () -> loop.add((CompletionQueue) null, line));
        refused("EventLoop.add", Errno.EINVAL, () -> loop.add(line().queue, null));
        loop.add(context.asyncEvents(), event -> {});
        refused("EventLoop.add", Errno.EINVAL, () -> loop.add(context.asyncEvents(), event -> {}));
        assertThat(loop.remains()).isEqualTo(new EventLoopRemains(1, 1, 0, 0, 0));
        assertThat(loop.remove(context.asyncEvents())).isTrue();
        assertThat(loop.remove(context.asyncEvents())).isFalse();
        Line closed = line();
        CompletionChannel channel = closed.queue.channel();
        close(closed);
        channel.close();
        assertThatThrownBy(() -> loop.add(closed.queue, closed)).isInstanceOf(VerbsException.class);
        assertThat(loop.remains()).isEqualTo(new EventLoopRemains(1, 0, 0, 0, 0));
    }

    @Test
    @DisplayName("a device that goes away: what was completed is handed out, each queue is told once, the loop goes on")
    final void removal() throws Throwable {
        Assumptions.assumeTrue(faults().isPresent(), "nothing can be made to happen to this provider's device");
        CompletionChannel channel = context.createCompletionChannel();
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            lines.add(new Line(i < 2 ? channel : context.createCompletionChannel()).added());
        }
        List<AsyncEventType> events = new ArrayList<>();
        loop.add(context.asyncEvents(), event -> events.add(event.type()));
        turnUntilAsleep();
        lines.get(0).ticker.unsolicited(1);
        faults().get().remove();
        run();
        AtomicInteger tasks = new AtomicInteger();
        Deadline.await("nothing is left", () -> {
            loop.execute(() -> tasks.set(loop.remains().isEmpty() ? 1 : 0));
            return tasks.get() == 1;
        });
        stop();
        assertThat(lines.get(0).seen).containsExactly(1L);
        for (Line line : lines) {
            assertThat(line.failures).hasSize(1);
            assertThat(Errno.nameOf(line.failures.get(0).errno())).isEqualTo("EIO");
        }
        assertThat(events).containsExactly(AsyncEventType.DEVICE_FATAL);
    }
}
