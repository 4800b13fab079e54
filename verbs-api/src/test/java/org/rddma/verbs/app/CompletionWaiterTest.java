package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionVector;
import org.rddma.verbs.Context;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.HangGuard;

/** The order of what the waiter does, against a queue and a channel that play a script: verbs-semantics §1.8, §7.1. */
@HangGuard(seconds = 10)
final class CompletionWaiterTest {
    private final List<String> calls = new ArrayList<>();
    private final ArrayDeque<Integer> polls = new ArrayDeque<>();
    private final ArrayDeque<Boolean> arms = new ArrayDeque<>();
    private final ArrayDeque<Boolean> events = new ArrayDeque<>();
    private final Channel channel = new Channel();
    private final Queue queue = new Queue();
    private final WorkCompletion[] array = WorkCompletion.array(2);

    @Test
    @DisplayName("a completion that came before the arm is polled, not slept over")
    void betweenPollAndArm() {
        polls.addAll(List.of(0, 1));
        arms.add(true);
        assertThat(CompletionWaiter.of(queue, WaitOptions.SLEEP).await(array)).isEqualTo(1);
        assertThat(calls).containsExactly("poll", "arm ANY", "poll");
    }

    @Test
    @DisplayName("a completion that another takes between arm and poll: armed again, because the arm may be used up")
    void stolen() {
        polls.addAll(List.of(0, 0, 2));
        arms.addAll(List.of(true, false));
        events.add(true);
        assertThat(CompletionWaiter.of(queue, WaitOptions.SLEEP).await(array)).isEqualTo(2);
        assertThat(calls).containsExactly("poll", "arm ANY", "poll", "arm ANY", "getEvent", "ack 1", "poll");
    }

    @Test
    @DisplayName("an event without a completion: acknowledged, counted, armed again before the next sleep")
    void emptyWakeUp() {
        polls.addAll(List.of(0, 0, 1));
        arms.addAll(List.of(false, false));
        events.addAll(List.of(true, true));
        CompletionWaiter waiter = CompletionWaiter.of(queue, WaitOptions.SLEEP);
        assertThat(waiter.await(array)).isEqualTo(1);
        assertThat(calls)
                .containsExactly(
                        "poll", "arm ANY", "getEvent", "ack 1", "poll", "arm ANY", "getEvent", "ack 1", "poll");
        assertThat(waiter.statistics()).isEqualTo(new WaitStatistics(0, 0, 2, 2, 2, 1));
    }

    @Test
    @DisplayName("a wait that is woken ends; the next one finds the queue armed, and looks into the channel first")
    void wokenThenAgain() {
        polls.add(0);
        arms.add(false);
        events.add(false);
        CompletionWaiter waiter = CompletionWaiter.of(queue, WaitOptions.SLEEP);
        assertThat(waiter.await(array, 1, TimeUnit.HOURS)).isZero();
        assertThat(calls).containsExactly("poll", "arm ANY", "getEvent");
        calls.clear();
        events.addAll(List.of(false, true)); // nothing at the first look, then an event
        polls.add(1);
        assertThat(waiter.await(array, 1, TimeUnit.HOURS)).isEqualTo(1);
        assertThat(calls).containsExactly("tryGetEvent", "getEvent", "ack 1", "poll");
    }

    @Test
    @DisplayName("a timeout of 0 or less looks once and never arms")
    void noTime() {
        polls.addAll(List.of(0, 0));
        CompletionWaiter waiter = CompletionWaiter.of(queue, WaitOptions.SLEEP);
        assertThat(waiter.await(array, 0, TimeUnit.DAYS)).isZero();
        assertThat(waiter.await(array, -1, TimeUnit.DAYS)).isZero();
        assertThat(calls).containsExactly("poll", "poll");
    }

    @Test
    @DisplayName("it arms for what it was told to")
    void solicited() {
        polls.addAll(List.of(0, 1));
        arms.add(false);
        events.add(true);
        WaitOptions options = new WaitOptions(Duration.ZERO, Duration.ZERO, NotificationType.SOLICITED);
        assertThat(CompletionWaiter.of(queue, options).await(array)).isEqualTo(1);
        assertThat(calls).contains("arm SOLICITED");
    }

    private final class Queue implements CompletionQueue {
        @Override
        public int poll(WorkCompletion[] completions) {
            calls.add("poll");
            return polls.remove();
        }

        @Override
        public boolean requestNotify(NotificationType type) {
            calls.add("arm " + type);
            return arms.remove();
        }

        @Override
        public void ackEvents(int count) {
            calls.add("ack " + count);
        }

        @Override
        public CompletionChannel channel() {
            return channel;
        }

        @Override
        public Context context() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int capacity() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionVector vector() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object userContext() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean poll(WorkCompletion completion) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int poll(CompletionHandler handler, int limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionCursor cursor() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int unacknowledgedEvents() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close(Duration timeout) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Channel implements CompletionChannel {
        private CompletionQueue next(String call) {
            calls.add(call);
            return events.remove() ? queue : null;
        }

        @Override
        public CompletionQueue getEvent() {
            return next("getEvent");
        }

        @Override
        public CompletionQueue getEvent(long timeout, TimeUnit unit) {
            return next("getEvent");
        }

        @Override
        public CompletionQueue tryGetEvent() {
            return next("tryGetEvent");
        }

        @Override
        public Context context() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int fd() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void wakeup() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int unreadEvents() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }
}
