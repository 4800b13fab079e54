package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.os.Epoll;
import org.rddma.verbs.internal.os.PollSet;

/**
 * Asynchronous events, their descriptor and their acknowledgement: verbs-semantics §1.3, §1.5, §1.6, §1.7, §1.11 (15).
 */
public abstract class AsyncEventConformance extends DeviceConformance {
    private AsyncEventChannel events;

    @BeforeEach
    final void findChannel() {
        events = context.asyncEvents();
    }

    /** An event about a queue of its own. */
    private SmallQueue raise() {
        SmallQueue small = new SmallQueue(context, null);
        int before = events.unreadEvents();
        small.overrun();
        Deadline.await("the event", () -> events.unreadEvents() == before + 1);
        Descriptors.awaitEventCount(events.fd(), before + 1);
        return small;
    }

    /** A queue with an event that was read and not acknowledged; its queue pair is closed. */
    private AsyncEvent unacknowledged() {
        SmallQueue small = raise();
        AsyncEvent event = events.getEvent();
        assertThat(event.completionQueue()).isSameAs(small.queue);
        small.end.pair.close();
        return event;
    }

    /** The event says that this queue was overrun; acknowledges it. */
    private static void assertOverrun(AsyncEvent event, CompletionQueue queue) {
        assertThat(event).as("there must be an event").isNotNull();
        assertThat(event.type()).isEqualTo(AsyncEventType.CQ_ERR);
        assertThat(event.completionQueue()).isSameAs(queue);
        assertThat(event.queuePair()).isNull();
        assertThat(event.sharedReceiveQueue()).isNull();
        assertThat(event.port()).isZero();
        event.acknowledge();
    }

    private void assertReadable(boolean readable) {
        assertThat(Descriptors.isReadable(events.fd())).isEqualTo(readable);
    }

    private void assertNoEventOf(End end) {
        assertThat(end.context.asyncEvents().getEvent(settleTime().toMillis(), TimeUnit.MILLISECONDS))
                .as("there must be no event")
                .isNull();
    }

    private void assertNoAsyncEvent() {
        assertThat(events.getEvent(settleTime().toMillis(), TimeUnit.MILLISECONDS))
                .as("there must be no event")
                .isNull();
        assertThat(events.unreadEvents()).isZero();
        assertReadable(false);
    }

    // ---- the descriptor

    @Test
    @DisplayName("§1.6 one descriptor for each context, closed when a program is started, and with its context")
    final void ownDescriptor() {
        Context other = openAnother();
        int fd = other.asyncEvents().fd();
        assertThat(context.asyncEvents()).isSameAs(events);
        assertThat(events.context()).isSameAs(context);
        assertThat(events.fd()).isGreaterThan(2).isNotEqualTo(fd).isEqualTo(events.fd());
        assertThat(Descriptors.isCloseOnExec(fd)).isTrue();
        AsyncEventChannel closed = other.asyncEvents();
        other.close();
        Deadline.await("the descriptor is closed", () -> !Descriptors.isOpen(fd));
        refused("fd", Errno.EBADF, closed::fd);
        refused("getEvent", Errno.EBADF, closed::getEvent);
        refused("getEvent", Errno.EBADF, () -> closed.getEvent(0, TimeUnit.SECONDS));
        refused("tryGetEvent", Errno.EBADF, closed::tryGetEvent);
        refused("wakeup", Errno.EBADF, closed::wakeup);
        assertThat(Descriptors.isOpen(events.fd())).isTrue();
    }

    @Test
    @DisplayName("§1.6 the descriptor is readable exactly while an event is unread; acknowledging is another matter")
    final void readableWhileUnread() {
        assertReadable(false);
        raise();
        raise();
        assertReadable(true);
        assertThat(Descriptors.eventCount(events.fd())).isEqualTo(2);
        AsyncEvent first = events.tryGetEvent();
        assertReadable(true);
        AsyncEvent second = events.tryGetEvent();
        assertReadable(false);
        first.acknowledge();
        second.acknowledge();
        assertNoAsyncEvent();
    }

    @Test
    @DisplayName("§1.3 poll(2) and epoll, level- and edge-triggered, see asynchronous events")
    final void pollAndEpoll() throws Throwable {
        PollSet set = new PollSet(1);
        set.set(0, events.fd());
        assertThat(set.poll(0)).isZero();
        Deadline.Running waiter = Deadline.start(
                "waits in poll(2)", () -> assertThat(set.poll(10_000)).isEqualTo(1));
        Deadline.awaitBlocked(waiter.thread());
        raise();
        waiter.join();
        try (Epoll level = new Epoll(1);
                Epoll edge = new Epoll(1)) {
            level.add(events.fd(), false, 1);
            edge.add(events.fd(), true, 2);
            raise();
            assertThat(level.await(0)).isEqualTo(1);
            assertThat(edge.await(0)).isEqualTo(1);
            events.tryGetEvent().acknowledge();
            assertThat(level.await(0)).as("one is left").isEqualTo(1);
            assertThat(edge.await(0)).as("one is left, and no edge").isZero();
            raise();
            assertThat(edge.await(0)).as("a new one is an edge").isEqualTo(1);
            events.tryGetEvent().acknowledge();
            events.tryGetEvent().acknowledge();
            assertThat(level.await(0)).isZero();
            level.remove(events.fd());
            edge.remove(events.fd());
        }
    }

    // ---- waiting

    @Test
    @DisplayName("§1.6 three ways to wait: for ever, for a time, not at all")
    final void threeWays() {
        assertThat(events.tryGetEvent()).isNull();
        assertThat(events.getEvent(0, TimeUnit.SECONDS)).isNull();
        assertThat(events.getEvent(Long.MIN_VALUE, TimeUnit.DAYS)).isNull();
        refused("getEvent", Errno.EINVAL, () -> events.getEvent(1, null));
        long start = System.nanoTime();
        assertThat(events.getEvent(20, TimeUnit.MILLISECONDS)).isNull();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
        CompletionQueue first = raise().queue;
        CompletionQueue second = raise().queue;
        CompletionQueue third = raise().queue;
        assertOverrun(events.getEvent(), first);
        assertOverrun(events.getEvent(1, TimeUnit.DAYS), second);
        assertOverrun(events.tryGetEvent(), third);
        assertNoAsyncEvent();
    }

    @Test
    @DisplayName("§1.6 a blocked wait ends with the event, also one that came before anybody asked for the channel")
    final void eventEndsWait() throws Throwable {
        for (int i = 0; i < 20; i++) {
            SmallQueue small = new SmallQueue(context, null);
            boolean timed = i % 2 == 0;
            Deadline.Running waiter = Deadline.start("waits", () -> {
                assertOverrun(timed ? events.getEvent(1, TimeUnit.HOURS) : events.getEvent(), small.queue);
            });
            if (i % 4 < 2) { // otherwise the event comes at any time
                Deadline.awaitBlocked(waiter.thread());
            }
            small.overrun();
            waiter.join();
        }
        Context other = openAnother();
        SmallQueue early = new SmallQueue(other, null);
        early.overrun();
        assertOverrun(other.asyncEvents().getEvent(), early.queue);
        assertNoAsyncEvent();
    }

    @Test
    @DisplayName("§7.3 a wake-up ends the waits of all; without a waiter it ends the next; events are not touched")
    final void wakeup() throws Throwable {
        List<Deadline.Running> waiters = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiters.add(Deadline.start(
                    "waits, " + i, () -> assertThat(events.getEvent()).isNull()));
        }
        for (Deadline.Running waiter : waiters) {
            Deadline.awaitBlocked(waiter.thread());
        }
        events.wakeup();
        for (Deadline.Running waiter : waiters) {
            waiter.join();
        }
        events.wakeup();
        assertReadable(false);
        CompletionQueue queue = raise().queue;
        assertOverrun(events.getEvent(), queue);
        assertThat(events.getEvent()).isNull();
        assertNoAsyncEvent();
    }

    @Test
    @DisplayName("§7.3 an interrupt ends the wait with null and stays set")
    final void interrupt() throws Throwable {
        Deadline.Running waiter = Deadline.start("waits", () -> {
            assertThat(events.getEvent()).isNull();
            assertThat(Thread.interrupted()).isTrue();
        });
        Deadline.awaitBlocked(waiter.thread());
        waiter.thread().interrupt();
        waiter.join();
        CompletionQueue queue = raise().queue;
        assertOverrun(events.getEvent(), queue);
    }

    @Test
    @DisplayName("§7.3 closing the context ends waits with EBADF")
    final void closeEndsWait() throws Throwable {
        List<Deadline.Running> waiters = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiters.add(Deadline.start("waits, " + i, () -> refused("getEvent", Errno.EBADF, events::getEvent)));
        }
        for (Deadline.Running waiter : waiters) {
            Deadline.awaitBlocked(waiter.thread());
        }
        context.close();
        for (Deadline.Running waiter : waiters) {
            waiter.join();
        }
    }

    @Test
    @DisplayName("§1.3 each event goes to one of several readers, in the order in which they came")
    final void severalReaders() throws Throwable {
        int count = 60;
        Set<CompletionQueue> seen = ConcurrentHashMap.newKeySet();
        List<Deadline.Running> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(Deadline.start("reads, " + i, () -> {
                AsyncEvent event;
                while ((event = events.getEvent()) != null) {
                    assertThat(seen.add(event.completionQueue())).isTrue();
                    event.acknowledge();
                }
            }));
        }
        for (int i = 0; i < count; i++) {
            new SmallQueue(context, null).overrun();
        }
        Deadline.await("all are read", () -> seen.size() == count);
        for (Deadline.Running reader : readers) {
            Deadline.awaitBlocked(reader.thread());
        }
        events.wakeup();
        for (Deadline.Running reader : readers) {
            reader.join();
        }
        assertNoAsyncEvent();
    }

    @Test
    @DisplayName("§1.6 an event belongs to the context of its object, not to others of the same device")
    final void ownContextOnly() {
        Context other = openAnother();
        CompletionQueue queue = raise().queue;
        assertThat(other.asyncEvents().tryGetEvent()).isNull();
        assertThat(other.asyncEvents().unreadEvents()).isZero();
        assertOverrun(events.getEvent(), queue);
    }

    // ---- acknowledging

    @Test
    @DisplayName("§1.6 an object with a read event closes when another thread has acknowledged it, and not before")
    final void unacknowledgedEventHoldsUpClose() throws Throwable {
        AsyncEvent event = unacknowledged();
        CompletionQueue queue = event.completionQueue();
        Deadline.Running closing = Deadline.start("closes the queue", queue::close);
        Deadline.awaitBlocked(closing.thread());
        assertThat(closing.isAlive()).isTrue();
        event.acknowledge();
        closing.join();
    }

    @Test
    @DisplayName("§1.5 an event is acknowledged once: again is refused (EINVAL), also when its object is gone")
    final void acknowledgedOnce() {
        AsyncEvent event = unacknowledged();
        event.acknowledge();
        refused("acknowledge", Errno.EINVAL, event::acknowledge);
        event.completionQueue().close(Duration.ZERO);
        refused("acknowledge", Errno.EINVAL, event::acknowledge);
        AsyncEvent second = unacknowledged();
        refused("acknowledge", Errno.EINVAL, event::acknowledge);
        refused("close", Errno.ETIMEDOUT, () -> second.completionQueue().close(Duration.ZERO));
        second.acknowledge();
        second.completionQueue().close(Duration.ZERO);
    }

    @Test
    @DisplayName("§1.5 closing with a timeout says how many acknowledgements are missing, and may be called again")
    final void closeWithTimeout() {
        AsyncEvent event = unacknowledged();
        CompletionQueue queue = event.completionQueue();
        refused("close", Errno.EINVAL, () -> queue.close(null));
        refused("close", Errno.EINVAL, () -> queue.close(Duration.ofNanos(-1)));
        queue.requestNotify(NotificationType.ANY); // still open
        long start = System.nanoTime();
        assertThat(refused("close", Errno.ETIMEDOUT, () -> queue.close(Duration.ofMillis(30))))
                .hasMessageContaining("1");
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
        refused("poll", Errno.EBADF, () -> queue.poll(new WorkCompletion()));
        event.acknowledge();
        queue.close(Duration.ofSeconds(Long.MAX_VALUE));
        queue.close();
    }

    @Test
    @DisplayName("§1.5 an interrupt ends the wait for acknowledgements with EINTR; closing again goes on")
    final void interruptEndsClose() throws Throwable {
        AsyncEvent event = unacknowledged();
        Deadline.Running closing = Deadline.start("closes the queue", () -> {
            refused("close", Errno.EINTR, event.completionQueue()::close);
            assertThat(Thread.interrupted()).isTrue();
        });
        Deadline.awaitBlocked(closing.thread());
        closing.thread().interrupt();
        closing.join();
        event.acknowledge();
        event.completionQueue().close(Duration.ZERO);
    }

    @Test
    @DisplayName("§1.5 a completion queue closes when both its completion events and its CQ_ERR are acknowledged")
    final void bothKinds() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        for (boolean asyncFirst : new boolean[] {true, false}) {
            SmallQueue small = new SmallQueue(context, channel);
            small.queue.requestNotify(NotificationType.ANY);
            small.overrun();
            assertThat(channel.getEvent()).isSameAs(small.queue);
            AsyncEvent event = events.getEvent();
            small.end.pair.close();
            refused("close", Errno.ETIMEDOUT, () -> small.queue.close(Duration.ZERO));
            Deadline.Running closing = Deadline.start("closes the queue", small.queue::close);
            Deadline.awaitBlocked(closing.thread());
            acknowledge(asyncFirst, event);
            refused("close", Errno.ETIMEDOUT, () -> small.queue.close(Duration.ofMillis(5)));
            Deadline.awaitBlocked(closing.thread());
            assertThat(closing.isAlive()).isTrue();
            acknowledge(!asyncFirst, event);
            closing.join();
        }
        channel.close();
    }

    private static void acknowledge(boolean async, AsyncEvent event) {
        if (async) {
            event.acknowledge();
        } else {
            event.completionQueue().ackEvents(1);
        }
    }

    @Test
    @DisplayName("§1.6 unread events of an object vanish when it is closed, at once; those of others stay")
    final void unreadEventsVanish() {
        SmallQueue first = raise();
        SmallQueue leaves = raise();
        SmallQueue last = raise();
        leaves.end.pair.close();
        leaves.queue.close(Duration.ZERO);
        assertThat(events.unreadEvents()).isEqualTo(2);
        assertThat(Descriptors.eventCount(events.fd())).isEqualTo(2);
        assertOverrun(events.getEvent(), first.queue);
        assertReadable(true);
        assertOverrun(events.getEvent(), last.queue);
        assertNoAsyncEvent();
    }

    @Test
    @DisplayName("§1.6 an object that is closed in the moment of its event leaves none behind")
    final void closeAgainstEvent() throws Throwable {
        for (int i = 0; i < 200; i++) {
            SmallQueue small = new SmallQueue(context, null);
            small.fill();
            Deadline.Running closing = Deadline.start("closes", () -> {
                small.end.pair.close();
                small.queue.close();
            });
            try {
                small.complete(99);
            } catch (org.rddma.verbs.VerbsException e) { // closed already
                assertThat(e.errno()).isEqualTo(Errno.EBADF);
            }
            closing.join();
            assertThat(events.unreadEvents()).isZero();
        }
        assertReadable(false);
    }

    @Test
    @LeavesEventsUnacknowledged
    @DisplayName("§1.5 closing the context does not wait for acknowledgements, and ends the waits of those who do")
    final void contextDoesNotWait() throws Throwable {
        AsyncEvent event = unacknowledged();
        Deadline.Running closing = Deadline.start("closes the queue", event.completionQueue()::close);
        Deadline.awaitBlocked(closing.thread());
        context.close();
        closing.join();
        event.acknowledge(); // late, and harmless
    }

    @Test
    @DisplayName("§1.5 a queue pair waits for the acknowledgement of its events too, and keeps what it uses until then")
    final void queuePairWaits() throws Throwable {
        Pair pair = new Pair(new End(context, new EndSpec()), new End(context, new EndSpec()));
        End listener = pair.a();
        Wiring wiring = new Wiring();
        wiring.toInit(listener.pair);
        wiring.toReceive(listener.pair, Wiring.gidOf(context), pair.b().pair.number());
        wiring.toInit(pair.b().pair);
        wiring.toReceive(pair.b().pair, Wiring.gidOf(context), listener.pair.number());
        wiring.toSend(pair.b().pair);
        listener.receive(1, 0, 8);
        pair.b().post(pair.b().request(1, 0, 8).send());
        AsyncEvent event = events.getEvent();
        assertThat(event.type()).isEqualTo(AsyncEventType.COMM_EST);
        assertThat(event.queuePair()).isSameAs(listener.pair);
        assertThat(event.completionQueue()).isNull();
        refused("close", Errno.ETIMEDOUT, () -> listener.pair.close(Duration.ofMillis(5)));
        refused("query", Errno.EBADF, listener.pair::query);
        refused("close", Errno.EBUSY, () -> listener.receives.close(Duration.ZERO));
        Deadline.Running closing = Deadline.start("closes the queue pair", listener.pair::close);
        Deadline.awaitBlocked(closing.thread());
        event.acknowledge();
        closing.join();
        listener.receives.close(Duration.ZERO);
        assertNoAsyncEvent();
    }

    @Test
    @DisplayName("§1.6 a peer's request that fails here and takes no receive: QP_ACCESS_ERR, or QP_REQ_ERR")
    final void requestsOfPeer() {
        for (boolean allowed : new boolean[] {true, false}) {
            Pair pair = pair(new EndSpec(), new Wiring().access(allowed ? AccessFlags.REMOTE_WRITE : 0));
            SendRequest write = pair.a()
                    .request(1, 0, 8)
                    .write(pair.b().address(0), pair.b().memory.rkey() ^ 1);
            pair.a().post(write);
            Completions.failure(
                    pair.a().sends,
                    1,
                    allowed ? WorkCompletionStatus.REM_ACCESS_ERR : WorkCompletionStatus.REM_INV_REQ_ERR);
            AsyncEventChannel there = pair.b().context.asyncEvents();
            AsyncEvent event = there.getEvent();
            assertThat(event.type()).isEqualTo(allowed ? AsyncEventType.QP_ACCESS_ERR : AsyncEventType.QP_REQ_ERR);
            assertThat(event.queuePair()).isSameAs(pair.b().pair);
            event.acknowledge();
            assertNoEventOf(pair.b());
            assertNoAsyncEvent();
        }
    }

    @Test
    @DisplayName("§2.1 the first message in RTR makes COMM_EST, once; after a new connection again; in RTS none does")
    final void established() {
        End listener = new End(context, new EndSpec());
        End peer = new End(context, new EndSpec());
        Wiring wiring = new Wiring();
        for (int round = 0; round < 2; round++) {
            for (QueuePair pair : new QueuePair[] {listener.pair, peer.pair}) {
                pair.modify(to(QueuePairState.RESET));
                wiring.toInit(pair);
                wiring.toReceive(
                        pair, Wiring.gidOf(context), pair == peer.pair ? listener.pair.number() : peer.pair.number());
            }
            wiring.toSend(peer.pair);
            for (int i = 0; i < 3; i++) {
                listener.receive(i, 0, 8);
                peer.post(peer.request(i, 0, 8));
                Completions.success(listener.receives, i, WorkCompletionOpcode.RECV);
                Completions.success(peer.sends, i, WorkCompletionOpcode.SEND);
            }
            AsyncEvent event = events.getEvent();
            assertThat(event.type()).isEqualTo(AsyncEventType.COMM_EST);
            assertThat(event.queuePair()).isSameAs(listener.pair);
            event.acknowledge();
            assertNoAsyncEvent();
        }
        Pair sending = pair(new EndSpec());
        sending.b().receive(1, 0, 8);
        sending.a().post(sending.a().request(2, 0, 8));
        Completions.success(sending.b().receives, 1, WorkCompletionOpcode.RECV);
        assertNoAsyncEvent();
        assertNoEventOf(sending.b());
    }

    @Test
    @DisplayName("§1.5 a shared receive queue waits for the acknowledgement of its events too")
    final void sharedReceiveQueueWaits() throws Throwable {
        Assumptions.assumeTrue(
                context.device().attributes().capabilities().contains(Capability.SHARED_RECEIVE_QUEUE),
                "the device has no shared receive queues");
        End sender = new End(context, new EndSpec());
        SharedReceiveQueue shared = sender.domain.createSharedReceiveQueue(
                new SharedReceiveQueueAttributes().maxRequests(4).maxElements(1));
        QueuePair receiver = sender.domain.createQueuePair(
                new QueuePairInitAttributes().completionQueue(sender.receives).sharedReceiveQueue(shared));
        new Wiring().connect(sender.pair, receiver);
        AsyncEvent[] both = new AsyncEvent[2];
        for (int i = 0; i < both.length; i++) {
            shared.postReceive(new ReceiveRequest(i, sender.piece(64, 8)));
            shared.armLimit(1);
            sender.post(sender.request(i, 0, 8).send());
            both[i] = events.getEvent();
            assertThat(both[i].type()).isEqualTo(AsyncEventType.SRQ_LIMIT_REACHED);
            assertThat(both[i].sharedReceiveQueue()).isSameAs(shared);
            assertThat(both[i].queuePair()).isNull();
        }
        receiver.close();
        both[0].acknowledge();
        refused("acknowledge", Errno.EINVAL, both[0]::acknowledge); // not the other in its place
        refused("close", Errno.ETIMEDOUT, () -> shared.close(Duration.ZERO));
        Deadline.Running closing = Deadline.start("closes the shared receive queue", shared::close);
        Deadline.awaitBlocked(closing.thread());
        both[1].acknowledge();
        closing.join();
    }

    // ---- overrun

    @Test
    @DisplayName("§1.7 §1.11(15) an overrun: CQ_ERR once, the armed waiter woken, what is left polled, then EOVERFLOW")
    final void overrun() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        SmallQueue small = new SmallQueue(context, channel);
        End bystander = new End(context, new EndSpec().memory(64), small.queue);
        new Wiring().connect(bystander, bystander);
        small.fill();
        small.queue.requestNotify(NotificationType.ANY);
        assertNoEvent(channel);
        assertNoAsyncEvent();
        Deadline.Running waiter = Deadline.start("waits for an event", () -> assertEvent(channel, small.queue));
        Deadline.awaitBlocked(waiter.thread());
        small.complete(98);
        waiter.join();
        small.end.awaitState(QueuePairState.ERR);
        bystander.awaitState(QueuePairState.ERR);
        small.complete(99); // flushed, and lost too
        bystander.receive(100, 0, 8);
        assertOverrun(events.getEvent(), small.queue);
        for (int i = 0; i < small.queue.capacity(); i++) {
            assertThat(Completions.next(small.queue).wrId()).isEqualTo(i);
        }
        refused("poll", Errno.EOVERFLOW, () -> small.queue.poll(new WorkCompletion()));
        small.complete(101);
        refused("poll", Errno.EOVERFLOW, () -> small.queue.poll(new WorkCompletion()));
        assertNoAsyncEvent();
        small.end.pair.close();
        bystander.pair.close();
        small.queue.close(Duration.ZERO);
    }
}
