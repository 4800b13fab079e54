package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;

/** Channels and the account of their events: verbs-semantics §1.3 to §1.5 and §1.11. */
public abstract class ChannelConformance extends DeviceConformance {
    @Test
    @DisplayName("§1.11(1) a channel with a live queue cannot be closed (EBUSY), and works on; without, it can")
    final void channelWithQueueIsBusy() {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue queue = queueOn(channel, 4);
        refused("close", Errno.EBUSY, channel::close);
        assertThat(channel.fd()).isNotNegative();
        queue.requestNotify(NotificationType.ANY);
        new Ticker(context, queue).sent(1);
        assertOneEvent(channel, queue);

        CompletionQueue free = queueOn(channel, 4);
        free.close();
        refused("close", Errno.EBUSY, channel::close);
    }

    @Test
    @DisplayName("§1.11(1) after the last queue is closed the channel can be closed, and its descriptor is closed then")
    final void closingClosesTheDescriptor() {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue first = queueOn(channel, 4);
        CompletionQueue second = queueOn(channel, 4);
        int fd = channel.fd();
        first.close();
        refused("close", Errno.EBUSY, channel::close);
        second.close();
        assertThat(Descriptors.isOpen(fd)).isTrue();
        channel.close();
        Deadline.await("the descriptor is closed", () -> !Descriptors.isOpen(fd));
        channel.close();
        refused("fd", Errno.EBADF, channel::fd);
        refused("getEvent", Errno.EBADF, channel::getEvent);
        refused("getEvent", Errno.EBADF, () -> channel.getEvent(1, TimeUnit.SECONDS));
        refused("tryGetEvent", Errno.EBADF, channel::tryGetEvent);
        refused("wakeup", Errno.EBADF, channel::wakeup);
    }

    @Test
    @DisplayName("§1.11(10) a queue with an unread event closes at once, and takes the event with it")
    final void unreadEventDoesNotHoldUpClose() {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue queue = queueOn(channel, 4);
        // a ticker would keep the queue busy: the only way to an event without one is an end that is closed before
        End end = endOn(queue);
        queue.requestNotify(NotificationType.ANY);
        end.post(end.request(1, 0, 8).write(end.address(64), end.memory.rkey()));
        Deadline.await("an event", () -> channel.unreadEvents() == 1);
        end.pair.close();
        queue.close(Duration.ZERO);
        assertThat(channel.unreadEvents()).isZero();
        assertNoEvent(channel);
        channel.close();
    }

    @Test
    @DisplayName("§1.11(10) a queue with an unacknowledged event closes when another thread has acknowledged it")
    final void unacknowledgedEventHoldsUpClose() throws Throwable {
        CompletionQueue queue = queueWithUnacknowledged(3);
        Deadline.Running closing = Deadline.start("closes the queue", queue::close);
        Deadline.awaitBlocked(closing.thread());
        queue.ackEvents(2); // in small pieces
        Deadline.awaitBlocked(closing.thread());
        assertThat(closing.isAlive()).isTrue();
        assertThat(queue.unacknowledgedEvents()).isEqualTo(1);
        queue.ackEvents(0);
        assertThat(closing.isAlive()).isTrue();
        queue.ackEvents(1);
        closing.join();
        assertThat(queue.unacknowledgedEvents()).isZero();
    }

    @Test
    @DisplayName("§1.5 closing with a timeout says how many acknowledgements are missing, and may be called again")
    final void closeWithTimeout() {
        CompletionQueue queue = queueWithUnacknowledged(2);
        long start = System.nanoTime();
        assertThat(refused("close", Errno.ETIMEDOUT, () -> queue.close(Duration.ofMillis(30))))
                .hasMessageContaining("2");
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(Duration.ofMillis(30).toNanos());
        refused("close", Errno.ETIMEDOUT, () -> queue.close(Duration.ZERO));
        refused("poll", Errno.EBADF, () -> queue.poll(new org.rddma.verbs.WorkCompletion()));
        refused("requestNotify", Errno.EBADF, () -> queue.requestNotify(NotificationType.ANY));
        queue.ackEvents(2); // batched
        queue.close(Duration.ZERO);
        queue.close();
    }

    @Test
    @DisplayName("§1.5 an interrupt ends the wait for acknowledgements with EINTR; closing again goes on")
    final void interruptEndsClose() throws Throwable {
        CompletionQueue queue = queueWithUnacknowledged(1);
        Deadline.Running closing = Deadline.start("closes the queue", () -> {
            refused("close", Errno.EINTR, queue::close);
            assertThat(Thread.interrupted()).isTrue();
        });
        Deadline.awaitBlocked(closing.thread());
        closing.thread().interrupt();
        closing.join();
        queue.ackEvents(1);
        queue.close(Duration.ZERO);
    }

    @Test
    @DisplayName("§1.5 several threads that close one queue all return when its events are acknowledged")
    final void severalThreadsClose() throws Throwable {
        CompletionQueue queue = queueWithUnacknowledged(1);
        List<Deadline.Running> closing = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Deadline.Running one = Deadline.start("closes the queue, " + i, queue::close);
            closing.add(one);
            Deadline.awaitBlocked(one.thread());
        }
        refused("close", Errno.ETIMEDOUT, () -> queue.close(Duration.ZERO));
        queue.ackEvents(1);
        for (Deadline.Running one : closing) {
            one.join();
        }
    }

    @Test
    @DisplayName("§1.5 more acknowledgements than events were read are refused at once (EINVAL), and change nothing")
    final void overAcknowledgement() {
        CompletionQueue queue = queueWithUnacknowledged(2);
        refused("ackEvents", Errno.EINVAL, () -> queue.ackEvents(3));
        refused("ackEvents", Errno.EINVAL, () -> queue.ackEvents(-1));
        refused("ackEvents", Errno.EINVAL, () -> queue.ackEvents(Integer.MAX_VALUE));
        refused("ackEvents", Errno.EINVAL, () -> queue.ackEvents(Integer.MIN_VALUE));
        assertThat(queue.unacknowledgedEvents()).isEqualTo(2);
        queue.ackEvents(2);
        refused("ackEvents", Errno.EINVAL, () -> queue.ackEvents(1));
        assertThat(queue.unacknowledgedEvents()).isZero();
        CompletionQueue silent = context.createCompletionQueue(1);
        refused("ackEvents", Errno.EINVAL, () -> silent.ackEvents(1));
        silent.ackEvents(0);
    }

    @Test
    @DisplayName("§1.11(11) events of several queues come in firing order and carry the right user context")
    final void firingOrder() {
        CompletionChannel channel = context.createCompletionChannel();
        List<CompletionQueue> queues = new ArrayList<>();
        List<Ticker> tickers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            queues.add(context.createCompletionQueue(new CompletionQueueAttributes()
                    .entries(8)
                    .channel(channel)
                    .userContext("queue " + i)
                    .vector(i % context.completionVectors().size())));
            tickers.add(new Ticker(context, queues.get(i)));
        }
        List<Integer> order = new ArrayList<>(List.of(3, 0, 5, 1, 4, 2));
        for (int round = 0; round < 3; round++) {
            for (int i : order) {
                queues.get(i).requestNotify(NotificationType.ANY);
            }
            for (int i : order) {
                int before = channel.unreadEvents();
                tickers.get(i).unsolicited(i);
                Deadline.await("an event", () -> channel.unreadEvents() == before + 1);
            }
            for (int i : order) {
                CompletionQueue event = channel.getEvent();
                assertThat(event.userContext()).isEqualTo("queue " + i);
                assertThat(event).isSameAs(queues.get(i));
                event.ackEvents(1);
                Completions.next(event);
            }
            assertNoEvent(channel);
            Collections.reverse(order);
        }
    }

    @Test
    @DisplayName(
            "§1.11(12) closing a queue takes its unread events only; its neighbour's stay, and the descriptor readable")
    final void closeTakesOnlyItsOwnEvents() {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue leaves = queueOn(channel, 16);
        CompletionQueue stays = queueOn(channel, 16);
        End end = endOn(leaves);
        Ticker neighbour = new Ticker(context, stays);
        for (int i = 0; i < 3; i++) { // leaves, stays, leaves, stays, ...
            leaves.requestNotify(NotificationType.ANY);
            end.post(end.request(i, 0, 8).write(end.address(64), end.memory.rkey()));
            int afterFirst = 2 * i + 1;
            Deadline.await("an event", () -> channel.unreadEvents() == afterFirst);
            stays.requestNotify(NotificationType.ANY);
            neighbour.unsolicited(i);
            Deadline.await("an event", () -> channel.unreadEvents() == afterFirst + 1);
        }
        end.pair.close();
        leaves.close(Duration.ZERO);
        assertThat(channel.unreadEvents()).isEqualTo(3);
        Descriptors.awaitEventCount(channel.fd(), 3);
        for (int i = 0; i < 3; i++) {
            assertThat(Descriptors.isReadable(channel.fd())).isTrue();
            assertEvent(channel, stays);
        }
        assertThat(Descriptors.isReadable(channel.fd())).isFalse();
        assertNoEvent(channel);
    }

    @Test
    @DisplayName("§1.11(13) a queue without a channel can be armed, and nothing comes of it")
    final void noChannel() {
        CompletionQueue queue = context.createCompletionQueue(8);
        assertThat(queue.channel()).isNull();
        Ticker ticker = new Ticker(context, queue);
        for (NotificationType type : NotificationType.values()) {
            assertThat(queue.requestNotify(type)).isFalse();
            ticker.solicited(7);
            Deadline.await("not empty", () -> queue.requestNotify(type));
            assertThat(Completions.next(queue).wrId()).isEqualTo(7);
            assertThat(queue.unacknowledgedEvents()).isZero();
        }
    }

    @Test
    @DisplayName("§7.4 one vector for queues of different channels: each event goes to its queue's channel")
    final void oneVectorManyChannels() {
        CompletionChannel first = context.createCompletionChannel();
        CompletionChannel second = context.createCompletionChannel();
        CompletionQueue a = queueOn(first, 4);
        CompletionQueue b = queueOn(second, 4);
        assertThat(a.vector()).isSameAs(b.vector());
        long raised = a.vector().eventsRaised();
        a.requestNotify(NotificationType.ANY);
        b.requestNotify(NotificationType.ANY);
        new Ticker(context, b).sent(1);
        assertOneEvent(second, b);
        assertNoEvent(first);
        new Ticker(context, a).sent(1);
        assertOneEvent(first, a);
        assertNoEvent(second);
        assertThat(a.vector().eventsRaised()).isEqualTo(raised + 2);
    }

    @Test
    @DisplayName("§1.10 queues of one channel may have different vectors; each vector counts what it raises")
    final void manyVectorsOneChannel() {
        CompletionChannel channel = context.createCompletionChannel();
        int vectors = context.completionVectors().size();
        assertThat(vectors).isEqualTo(context.device().attributes().completionVectors());
        for (int i = 0; i < vectors; i++) {
            CompletionQueue queue = context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(2).channel(channel).vector(i));
            assertThat(queue.vector()).isSameAs(context.completionVectors().get(i));
            assertThat(queue.vector().index()).isEqualTo(i);
            long raised = queue.vector().eventsRaised();
            queue.requestNotify(NotificationType.ANY);
            new Ticker(context, queue).sent(1);
            assertOneEvent(channel, queue);
            assertThat(queue.vector().eventsRaised()).isEqualTo(raised + 1);
        }
    }

    private CompletionQueue queueWithUnacknowledged(int events) {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue queue = queueOn(channel, 16);
        End end = endOn(queue);
        for (int i = 0; i < events; i++) {
            queue.requestNotify(NotificationType.ANY);
            end.post(end.request(i, 0, 8).write(end.address(64), end.memory.rkey()));
            assertThat(channel.getEvent()).isSameAs(queue);
        }
        assertThat(queue.unacknowledgedEvents()).isEqualTo(events);
        end.pair.close();
        return queue;
    }

    /** An end that writes to itself, whose sends complete in the queue. */
    private End endOn(CompletionQueue queue) {
        End end = new End(context, new EndSpec(), queue);
        new Wiring().connect(end, end);
        return end;
    }
}
