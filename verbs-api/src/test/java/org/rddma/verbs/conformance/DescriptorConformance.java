package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.internal.os.Epoll;
import org.rddma.verbs.internal.os.PollSet;

/** The channel's descriptor as the system sees it: verbs-semantics §1.3, §1.11 (2), (9), (17). */
public abstract class DescriptorConformance extends DeviceConformance {
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
        int before = channel.unreadEvents();
        queue.requestNotify(NotificationType.ANY);
        ticker.unsolicited(1);
        Deadline.await("an event", () -> channel.unreadEvents() == before + 1);
        Descriptors.awaitEventCount(channel.fd(), before + 1);
        Completions.next(queue);
    }

    private void read() {
        CompletionQueue event = channel.tryGetEvent();
        assertThat(event).isSameAs(queue);
        event.ackEvents(1);
    }

    @Test
    @DisplayName("§1.11(2) two channels have two descriptors, each closed when a program is started")
    final void ownDescriptors() {
        CompletionChannel other = context.createCompletionChannel();
        assertThat(channel.fd()).isNotEqualTo(other.fd()).isGreaterThan(2);
        assertThat(channel.fd()).isEqualTo(channel.fd());
        assertThat(Descriptors.isCloseOnExec(channel.fd())).isTrue();
        assertThat(Descriptors.isCloseOnExec(other.fd())).isTrue();
        assertThat(Descriptors.inheritedByAnotherProcess())
                .doesNotContain("eventfd")
                .contains("pipe:");
    }

    @Test
    @DisplayName("§1.11(2) the descriptor is readable exactly while an event is unread")
    final void readableWhileUnread() {
        assertThat(Descriptors.isReadable(channel.fd())).isFalse();
        queue.requestNotify(NotificationType.ANY);
        assertThat(Descriptors.isReadable(channel.fd())).isFalse();
        ticker.unsolicited(1);
        assertThat(Descriptors.isReadable(channel.fd(), (int) Deadline.PATIENCE.toMillis()))
                .isTrue();
        Completions.next(queue); // polling is not reading
        assertThat(Descriptors.isReadable(channel.fd())).isTrue();
        read();
        assertThat(Descriptors.isReadable(channel.fd())).isFalse();
    }

    @Test
    @DisplayName("§1.3 a woken-up waiter leaves nothing readable behind")
    final void wakeupIsNotReadable() {
        channel.wakeup();
        assertThat(Descriptors.isReadable(channel.fd())).isFalse();
        assertThat(channel.getEvent()).isNull();
        assertThat(Descriptors.isReadable(channel.fd())).isFalse();
    }

    @Test
    @DisplayName("§1.3 another process's tools see as many tokens as there are unread events")
    final void otherProcessSeesTheCount() {
        for (int events = 0; events <= 3; events++) {
            assertThat(Descriptors.eventCountSeenByAnotherProcess(channel.fd())).isEqualTo(events);
            fire();
        }
        for (int events = 4; events > 0; events--) {
            assertThat(Descriptors.eventCountSeenByAnotherProcess(channel.fd())).isEqualTo(events);
            read();
        }
        assertThat(Descriptors.eventCountSeenByAnotherProcess(channel.fd())).isZero();
    }

    @Test
    @DisplayName("§1.11(9) poll(2) with a timeout: 0 without an event, at once with one, woken by one that comes")
    final void poll() throws Throwable {
        PollSet set = new PollSet(2);
        CompletionChannel other = context.createCompletionChannel();
        set.set(0, other.fd());
        set.set(1, channel.fd());
        long start = System.nanoTime();
        assertThat(set.poll(20)).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(19_000_000);
        Deadline.Running waiter = Deadline.start("waits in poll(2)", () -> {
            assertThat(set.poll(10_000)).isEqualTo(1);
        });
        Deadline.awaitBlocked(waiter.thread());
        fire();
        waiter.join();
        assertThat(set.isReady(0)).isFalse();
        assertThat(set.isReady(1)).isTrue();
        read();
        assertThat(set.poll(0)).isZero();
    }

    @Test
    @DisplayName("§1.11(9) epoll, level-triggered: two events, one read: still readable; both read: not")
    final void levelTriggered() {
        try (Epoll epoll = new Epoll(4)) {
            epoll.add(channel.fd(), false, 77);
            assertThat(epoll.await(0)).isZero();
            fire();
            fire();
            for (int look = 0; look < 3; look++) {
                assertThat(epoll.await((int) Deadline.PATIENCE.toMillis())).isEqualTo(1);
                assertThat(epoll.data(0)).isEqualTo(77);
            }
            read();
            assertThat(epoll.await(0)).isEqualTo(1);
            read();
            assertThat(epoll.await(0)).isZero();
            epoll.remove(channel.fd());
        }
    }

    @Test
    @DisplayName("§1.11(9) epoll, edge-triggered: a rest that was not read makes no edge; each new event does")
    final void edgeTriggered() {
        try (Epoll epoll = new Epoll(4)) {
            epoll.add(channel.fd(), true, 77);
            fire();
            fire();
            fire();
            assertThat(epoll.await((int) Deadline.PATIENCE.toMillis())).isEqualTo(1);
            assertThat(epoll.await(0)).isZero();
            read();
            assertThat(epoll.await(0)).as("two events are left, and no edge").isZero();
            fire();
            assertThat(epoll.await((int) Deadline.PATIENCE.toMillis()))
                    .as("a new event is an edge")
                    .isEqualTo(1);
            while (channel.unreadEvents() > 0) { // drain, as man epoll says
                read();
            }
            assertThat(channel.tryGetEvent()).isNull();
            assertThat(epoll.await(0)).isZero();
            fire();
            assertThat(epoll.await((int) Deadline.PATIENCE.toMillis())).isEqualTo(1);
            read();
            epoll.remove(channel.fd());
        }
    }

    @Test
    @DisplayName("§1.3 epoll, edge-triggered: a reader that drains on every edge loses no event of a running producer")
    final void edgeTriggeredLoop() throws Throwable {
        int events = load(20_000);
        CompletionQueue hot = queueOn(channel, 64);
        Ticker producer = new Ticker(context, hot);
        int[] seen = new int[1];
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(channel.fd(), true, 1);
            Deadline.Running reader = Deadline.start("reads events", () -> {
                while (seen[0] < events) {
                    assertThat(epoll.await((int) Deadline.PATIENCE.toMillis()))
                            .as("after %d events", seen[0])
                            .isEqualTo(1);
                    CompletionQueue event;
                    while ((event = channel.tryGetEvent()) != null) {
                        event.ackEvents(1);
                        seen[0]++;
                    }
                }
            });
            for (int i = 0; i < events && reader.isAlive(); i++) {
                hot.requestNotify(NotificationType.ANY);
                producer.unsolicited(i);
                Completions.next(hot);
            }
            reader.join();
            epoll.remove(channel.fd());
        }
        assertThat(seen[0]).isEqualTo(events);
        assertThat(channel.unreadEvents()).isZero();
    }

    @Test
    @DisplayName("§1.11(17) 100000 unread events on one channel: none is lost, and the data path does not wait")
    final void manyUnreadEvents() {
        int events = load(100_000);
        for (int i = 0; i < events; i++) {
            queue.requestNotify(NotificationType.ANY);
            ticker.unsolicited(i);
            assertThat(Completions.next(queue).wrId()).isEqualTo(i);
        }
        Deadline.await("all events", () -> channel.unreadEvents() == events);
        Descriptors.awaitEventCount(channel.fd(), events);
        for (int i = 0; i < events; i++) {
            assertThat(channel.tryGetEvent()).isSameAs(queue);
        }
        assertThat(channel.tryGetEvent()).isNull();
        assertThat(Descriptors.isReadable(channel.fd())).isFalse();
        assertThat(queue.unacknowledgedEvents()).isEqualTo(events);
        queue.ackEvents(events);
    }

    @Test
    @DisplayName("§1.3 a number that is free again after close belongs to someone else: nothing touches it any more")
    final void numberIsReused() {
        CompletionChannel first = context.createCompletionChannel();
        CompletionQueue attached = queueOn(first, 4);
        attached.requestNotify(NotificationType.ANY);
        End end = new End(context, new EndSpec(), attached);
        new Wiring().connect(end, end);
        int number = first.fd();
        end.pair.close();
        attached.close();
        first.close();
        CompletionChannel second = context.createCompletionChannel();
        for (int i = 0; i < 50 && second.fd() != number; i++) { // the system gives the lowest number that is free
            second = context.createCompletionChannel();
        }
        org.junit.jupiter.api.Assumptions.assumeTrue(second.fd() == number, "somebody else took the number");
        first.close();
        attached.close();
        assertThat(Descriptors.isOpen(number)).isTrue();
        assertThat(Descriptors.isReadable(number)).isFalse();
    }
}
