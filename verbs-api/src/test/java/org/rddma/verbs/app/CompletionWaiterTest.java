package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.verbs.conformance.Refusals.refused;

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
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.VerbsException;
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
    private int unread;
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
    @DisplayName("events that came for a queue that is polled anyway do not pile up: they are taken before the poll")
    void eventsOfActiveQueue() {
        unread = 2;
        events.addAll(List.of(true, true));
        polls.add(1);
        assertThat(CompletionWaiter.of(queue, WaitOptions.SLEEP).await(array)).isEqualTo(1);
        assertThat(calls).containsExactly("tryGetEvent", "ack 1", "tryGetEvent", "ack 1", "poll");
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

    private CompletionWaiter drained(List<Long> found) {
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        waiter.add(queue, completion -> found.add(completion.wrId()));
        return waiter;
    }

    @Test
    @DisplayName("a turn: polled until empty, then armed; false means that the next completion makes an event")
    void turn() {
        List<Long> found = new ArrayList<>();
        events.addAll(List.of(false, false));
        polls.addAll(List.of(1, 1, 0));
        arms.add(false);
        CompletionWaiter waiter = drained(found);
        assertThat(waiter.drain(8)).isFalse();
        assertThat(calls).containsExactly("tryGetEvent", "poll", "poll", "poll", "arm ANY");
        assertThat(found).hasSize(2);
        calls.clear();
        assertThat(waiter.drain(8)).isFalse(); // armed: not polled without an event
        assertThat(calls).containsExactly("tryGetEvent");
    }

    @Test
    @DisplayName("a turn: a budget that is used up leaves the queue unarmed, to be polled again before the sleep")
    void budget() {
        List<Long> found = new ArrayList<>();
        events.addAll(List.of(false, false));
        polls.addAll(List.of(1, 1, 0));
        arms.add(false);
        CompletionWaiter waiter = drained(found);
        assertThat(waiter.drain(2)).isTrue();
        assertThat(calls).containsExactly("tryGetEvent", "poll", "poll");
        assertThat(waiter.drain(2)).isFalse();
        assertThat(found).hasSize(2);
    }

    @Test
    @DisplayName("a turn: what came before the arm is polled, and the queue armed again")
    void turnBetweenPollAndArm() {
        List<Long> found = new ArrayList<>();
        events.add(false);
        polls.addAll(List.of(0, 1, 0));
        arms.addAll(List.of(true, false));
        assertThat(drained(found).drain(8)).isFalse();
        assertThat(calls).containsExactly("tryGetEvent", "poll", "arm ANY", "poll", "poll", "arm ANY");
        assertThat(found).hasSize(1);
    }

    @Test
    @DisplayName("a turn: what another takes between arm and poll may have used up the arm, so there is another turn")
    void turnStolen() {
        events.addAll(List.of(false, false));
        polls.addAll(List.of(0, 0, 0));
        arms.addAll(List.of(true, false));
        CompletionWaiter waiter = drained(new ArrayList<>());
        assertThat(waiter.drain(8)).isTrue();
        assertThat(waiter.drain(8)).isFalse();
        assertThat(calls).containsExactly("tryGetEvent", "poll", "arm ANY", "poll", "tryGetEvent", "poll", "arm ANY");
    }

    @Test
    @DisplayName("a turn: all events are taken and acknowledged, so that the next one is a change of the descriptor")
    void turnTakesAllEvents() {
        events.addAll(List.of(false, true, true, true, false));
        polls.addAll(List.of(0, 0));
        arms.addAll(List.of(false, false));
        CompletionWaiter waiter = drained(new ArrayList<>());
        assertThat(waiter.drain(8)).isFalse();
        calls.clear();
        assertThat(waiter.drain(8)).isFalse();
        assertThat(calls)
                .containsExactly(
                        "tryGetEvent",
                        "ack 1",
                        "tryGetEvent",
                        "ack 1",
                        "tryGetEvent",
                        "ack 1",
                        "tryGetEvent",
                        "poll",
                        "arm ANY");
        assertThat(waiter.statistics()).isEqualTo(new WaitStatistics(0, 0, 2, 0, 3, 1));
    }

    @Test
    @DisplayName("a turn for solicited completions: the queue is armed for them and polled in every turn")
    void turnSolicited() {
        events.addAll(List.of(false, false));
        polls.addAll(List.of(0, 0));
        arms.addAll(List.of(false, false));
        CompletionWaiter waiter = new CompletionWaiter(
                channel, new WaitOptions(Duration.ZERO, Duration.ZERO, NotificationType.SOLICITED));
        waiter.add(queue, completion -> {});
        assertThat(waiter.drain(8)).isFalse();
        assertThat(waiter.drain(8)).isFalse();
        assertThat(calls)
                .containsExactly("tryGetEvent", "poll", "arm SOLICITED", "tryGetEvent", "poll", "arm SOLICITED");
    }

    @Test
    @DisplayName("a turn: what the handler throws comes out, and the rest is found by the next turn")
    void handlerThrows() {
        events.addAll(List.of(false, false));
        polls.addAll(List.of(1, 1, 0));
        arms.add(false);
        int[] count = new int[1];
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        waiter.add(queue, completion -> {
            if (count[0]++ == 0) {
                throw new IllegalStateException("planted");
            }
        });
        assertThatThrownBy(() -> waiter.drain(8)).hasMessage("planted");
        assertThat(waiter.drain(8)).isFalse();
        assertThat(count[0]).isEqualTo(2);
    }

    @Test
    @DisplayName("a turn: a queue that cannot be polled is removed, and its handler told")
    void queueFails() {
        events.add(false);
        VerbsException[] told = new VerbsException[1];
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        waiter.add(queue, new QueueHandler() {
            @Override
            public void onCompletion(WorkCompletion completion) {}

            @Override
            public void onFailure(CompletionQueue failed, VerbsException failure) {
                assertThat(failed).isSameAs(queue);
                told[0] = failure;
            }
        });
        polls.add(-Errno.EOVERFLOW);
        assertThat(waiter.drain(8)).isTrue();
        assertThat(told[0].errno()).isEqualTo(Errno.EOVERFLOW);
        events.add(false);
        assertThat(waiter.drain(8)).isFalse();
    }

    @Test
    @DisplayName("a turn needs a budget and handlers (EINVAL)")
    void turnRefused() {
        CompletionWaiter waiter = CompletionWaiter.of(queue, WaitOptions.SLEEP);
        refused("CompletionWaiter.drain", Errno.EINVAL, () -> waiter.drain(0));
        events.add(false);
        refused("CompletionWaiter.drain", Errno.EINVAL, () -> waiter.drain(1));
        refused("CompletionWaiter.add", Errno.EINVAL, () -> waiter.add(queue, null));
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
            calls.add("poll");
            int result = polls.remove();
            if (result < 0) {
                throw new VerbsException("poll", -result, "planted");
            }
            return result > 0;
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
            unread = Math.max(0, unread - 1);
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
            return unread;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }
}
