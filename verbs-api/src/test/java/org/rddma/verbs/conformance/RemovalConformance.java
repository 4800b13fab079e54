package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.CompletionWaiter;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WorkQueue;
import org.rddma.verbs.app.WorkQueueOptions;
import org.rddma.verbs.app.WorkQueues;
import org.rddma.verbs.internal.os.Epoll;
import org.rddma.verbs.internal.os.PollSet;

/** A device that goes away while it is open: verbs-semantics §1.3 (disassociation), §1.6, §1.11 (16). */
public abstract class RemovalConformance extends FaultConformance {
    private static void assertGone(AsyncEventChannel events) {
        refused("getEvent", Errno.EIO, events::getEvent);
        refused("getEvent", Errno.EIO, () -> events.getEvent(1, TimeUnit.DAYS));
        refused("getEvent", Errno.EIO, () -> events.getEvent(0, TimeUnit.DAYS));
        refused("tryGetEvent", Errno.EIO, events::tryGetEvent);
        assertThat(events.unreadEvents()).isZero();
        assertThat(Descriptors.isReadable(events.fd())).isTrue();
    }

    private static void assertGone(CompletionChannel channel) {
        refused("getEvent", Errno.EIO, channel::getEvent);
        refused("getEvent", Errno.EIO, () -> channel.getEvent(1, TimeUnit.DAYS));
        refused("getEvent", Errno.EIO, () -> channel.getEvent(0, TimeUnit.DAYS));
        refused("tryGetEvent", Errno.EIO, channel::tryGetEvent);
        assertThat(channel.unreadEvents()).isZero();
        assertThat(Descriptors.isReadable(channel.fd())).isTrue();
    }

    private static void write(End end, long wrId) {
        end.post(end.request(wrId, 0, 8).write(end.address(64), end.memory.rkey()));
    }

    // ---- events

    @Test
    @DisplayName("§1.3 DEVICE_FATAL is the last event of every context of the device, then EIO; others notice nothing")
    final void lastEvent() {
        Context second = openAnother();
        Context other = openOtherDevice();
        faults.portDown();
        faults.remove();
        faults.remove();
        faults.portUp();
        for (Context one : new Context[] {context, second}) {
            assertAsyncEvent(one, AsyncEventType.PORT_ERR, 1); // what was unread can be read
            assertThat(Descriptors.isReadable(one.asyncEvents().fd())).isTrue();
            assertAsyncEvent(one, AsyncEventType.DEVICE_FATAL, 0);
            assertGone(one.asyncEvents());
            assertGone(one.asyncEvents());
        }
        assertThat(other.asyncEvents().tryGetEvent()).isNull();
        if (isOtherInThisProcess()) {
            assertThat(Descriptors.isReadable(other.asyncEvents().fd())).isFalse();
        }
        assertThat(other.createCompletionChannel().tryGetEvent()).isNull();
    }

    @Test
    @DisplayName(
            "§1.11(16) blocked waits end with EIO: on a completion channel, in a waiter, on the asynchronous events")
    final void blockedWaitsEnd() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionChannel another = context.createCompletionChannel();
        CompletionWaiter waiter = CompletionWaiter.of(queueOn(another, 4), WaitOptions.SLEEP);
        AsyncEventChannel events = context.asyncEvents();
        List<Deadline.Running> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(Deadline.start("waits, " + i, () -> refused("getEvent", Errno.EIO, channel::getEvent)));
        }
        waiting.add(Deadline.start(
                "waits for a time", () -> refused("getEvent", Errno.EIO, () -> channel.getEvent(1, TimeUnit.HOURS))));
        waiting.add(Deadline.start(
                "waits in a waiter",
                () -> refused("getEvent", Errno.EIO, () -> waiter.await(WorkCompletion.array(1)))));
        waiting.add(Deadline.start("waits for asynchronous events", () -> {
            assertThat(events.getEvent().type()).isEqualTo(AsyncEventType.DEVICE_FATAL);
            refused("getEvent", Errno.EIO, events::getEvent);
        }));
        for (Deadline.Running one : waiting) {
            Deadline.awaitBlocked(one.thread());
        }
        faults.remove();
        for (Deadline.Running one : waiting) {
            one.join();
        }
        assertGone(channel);
    }

    @Test
    @DisplayName("§1.3 who waits for the descriptors in poll(2) or epoll is woken, and they stay readable")
    final void descriptorsWake() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        PollSet set = new PollSet(1);
        set.set(0, channel.fd());
        try (Epoll epoll = new Epoll(2)) {
            epoll.add(channel.fd(), true, 1);
            epoll.add(context.asyncEvents().fd(), true, 2);
            Deadline.Running waiter = Deadline.start(
                    "waits in poll(2)", () -> assertThat(set.poll(10_000)).isEqualTo(1));
            Deadline.awaitBlocked(waiter.thread());
            faults.remove();
            waiter.join();
            assertThat(epoll.await((int) Deadline.PATIENCE.toMillis())).isEqualTo(2);
            epoll.remove(channel.fd());
            epoll.remove(context.asyncEvents().fd());
        }
        assertGone(channel);
        assertAsyncEvent(context, AsyncEventType.DEVICE_FATAL, 0);
        assertGone(context.asyncEvents());
    }

    @Test
    @DisplayName("§1.3 unread completion events are read first, then EIO; their acknowledgement is still waited for")
    final void unreadEventsAreRead() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue queue = queueOn(channel, 16);
        End end = new End(context, new EndSpec(), queue);
        new Wiring().connect(end, end);
        for (int i = 0; i < 3; i++) {
            queue.requestNotify(NotificationType.ANY);
            write(end, i);
            int raised = i + 1;
            Deadline.await("an event", () -> channel.unreadEvents() == raised);
        }
        queue.requestNotify(NotificationType.ANY);
        faults.remove();
        assertThat(channel.tryGetEvent()).isSameAs(queue);
        assertThat(channel.getEvent()).isSameAs(queue);
        assertThat(channel.getEvent(1, TimeUnit.DAYS)).isSameAs(queue);
        assertGone(channel);
        end.pair.close(Duration.ZERO);
        refused("close", Errno.ETIMEDOUT, () -> queue.close(Duration.ZERO));
        queue.ackEvents(3);
        queue.close(Duration.ZERO);
        channel.close();
        refused("fd", Errno.EBADF, channel::fd);
    }

    @Test
    @DisplayName("§1.3 unread events of an object vanish with it, also when the device is gone")
    final void unreadEventsVanish() {
        SmallQueue leaves = new SmallQueue(context, null);
        SmallQueue stays = new SmallQueue(context, null);
        leaves.overrun();
        stays.overrun();
        AsyncEventChannel events = context.asyncEvents();
        Deadline.await("both events", () -> events.unreadEvents() == 2);
        faults.remove();
        assertThat(events.unreadEvents()).isEqualTo(3);
        leaves.end.pair.close(Duration.ZERO);
        leaves.queue.close(Duration.ZERO);
        AsyncEvent event = events.getEvent();
        assertThat(event.completionQueue()).isSameAs(stays.queue);
        stays.end.pair.close(Duration.ZERO);
        refused("close", Errno.ETIMEDOUT, () -> stays.queue.close(Duration.ZERO));
        event.acknowledge();
        stays.queue.close(Duration.ZERO);
        assertAsyncEvent(context, AsyncEventType.DEVICE_FATAL, 0);
        assertGone(events);
    }

    // ---- verbs

    @Test
    @DisplayName("§1.3 what is in a completion queue can be polled, then polling fails with EIO")
    final void polling() {
        End end = self(new EndSpec());
        for (int i = 0; i < 3; i++) {
            write(end, i);
        }
        end.writeAndDrain(3);
        Completions.success(end.sends, 0, WorkCompletionOpcode.RDMA_WRITE);
        faults.remove();
        assertThat(end.sends.poll(new WorkCompletion())).isTrue();
        assertThat(end.sends.poll(WorkCompletion.array(1))).isEqualTo(1);
        CompletionCursor cursor = end.sends.cursor();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.wrId()).isEqualTo(3);
        refused("next", Errno.EIO, cursor::next);
        refused("poll", Errno.EIO, () -> end.sends.poll(new WorkCompletion()));
        refused("poll", Errno.EIO, () -> end.sends.poll(WorkCompletion.array(2)));
        refused("poll", Errno.EIO, () -> end.sends.poll(completion -> {}, 2));
        refused("poll", Errno.EIO, () -> end.receives.poll(new WorkCompletion()));
    }

    @Test
    @DisplayName("§1.3 verbs fail with EIO: on the context, and on every object of it")
    final void verbsFail() {
        End end = self(new EndSpec().withChannel());
        AddressHandle handle = end.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context)));
        AddressVector own = handle.vector();
        SendBuilder builder = end.pair.sendBuilder();
        faults.remove();
        refused("queryPort", Errno.EIO, () -> context.queryPort(1));
        refused("queryGid", Errno.EIO, () -> context.queryGid(1, 0));
        refused("queryGidTable", Errno.EIO, context::queryGidTable);
        refused("queryPkey", Errno.EIO, () -> context.queryPkey(1, 0));
        refused("allocateProtectionDomain", Errno.EIO, context::allocateProtectionDomain);
        refused("createCompletionChannel", Errno.EIO, context::createCompletionChannel);
        refused("createCompletionQueue", Errno.EIO, () -> context.createCompletionQueue(1));
        refused("registerMemory", Errno.EIO, () -> end.domain.registerMemory(ByteBuffer.allocateDirect(8), 0));
        refused("allocateMemory", Errno.EIO, () -> end.domain.allocateMemory(8, 0));
        refused("createAddressHandle", Errno.EIO, () -> end.domain.createAddressHandle(own));
        QueuePairInitAttributes attributes = new QueuePairInitAttributes().completionQueue(end.sends);
        refused("createQueuePair", Errno.EIO, () -> end.domain.createQueuePair(attributes));
        refused("requestNotify", Errno.EIO, () -> end.sends.requestNotify(NotificationType.ANY));
        refused("modify", Errno.EIO, () -> end.pair.modify(to(QueuePairState.ERR)));
        refused("query", Errno.EIO, end.pair::query);
        refused(
                "postSend",
                Errno.EIO,
                () -> end.pair.postSend(end.request(1, 0, 8).send()));
        refused("postReceive", Errno.EIO, () -> end.pair.postReceive(new ReceiveRequest(1, end.piece(0, 8))));
        end.sends.ackEvents(0);
        refused("complete", Errno.EIO, () -> {
            builder.start();
            builder.wrId(1).send();
            builder.complete();
        });
        refused("sendBuilder", Errno.EIO, end.pair::sendBuilder);
        assertThat(end.memory.buffer().get(0)).isZero(); // memory is the program's own
    }

    private void assumeDeviceHas(Capability capability) {
        Assumptions.assumeTrue(
                context.device().attributes().capabilities().contains(capability), "the device lacks " + capability);
    }

    @Test
    @DisplayName("§1.3 verbs fail with EIO: on shared receive queues")
    final void sharedReceiveQueueVerbsFail() {
        assumeDeviceHas(Capability.SHARED_RECEIVE_QUEUE);
        ProtectionDomain domain = context.allocateProtectionDomain();
        SharedReceiveQueueAttributes attributes = new SharedReceiveQueueAttributes().maxRequests(4);
        SharedReceiveQueue shared = domain.createSharedReceiveQueue(attributes);
        faults.remove();
        refused("createSharedReceiveQueue", Errno.EIO, () -> domain.createSharedReceiveQueue(attributes));
        refused("postReceive", Errno.EIO, () -> shared.postReceive(new ReceiveRequest().wrId(1)));
        refused("armLimit", Errno.EIO, () -> shared.armLimit(1));
        refused("resize", Errno.EIO, () -> shared.resize(8));
        shared.close(Duration.ZERO);
    }

    @Test
    @DisplayName("§1.3 verbs fail with EIO: on memory windows of type 1")
    final void windowVerbsFail() {
        assumeDeviceHas(Capability.MEMORY_WINDOW_TYPE_1);
        End end = self(new EndSpec());
        MemoryWindow window = end.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        faults.remove();
        refused("allocateMemoryWindow", Errno.EIO, () -> end.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1));
        refused("bindMemoryWindow", Errno.EIO, () -> end.pair.bindMemoryWindow(window, new MemoryWindowBind()));
        window.close();
    }

    @Test
    @DisplayName("§1.3 verbs fail with EIO: on regions that could be registered again")
    final void reregistrationFails() {
        assumeDeviceHas(Capability.REREGISTER);
        End end = self(new EndSpec());
        faults.remove();
        refused("reregister", Errno.EIO, () -> end.memory.reregister(new RegionChange().access(0)));
    }

    @Test
    @DisplayName("§1.3 closing works as ever: in order, refused with EBUSY out of order, then EBADF; or all at once")
    final void closing() {
        End end = self(new EndSpec().withChannel());
        end.receive(1, 0, 8);
        openAnother().allocateProtectionDomain(); // closed with its context
        faults.remove();
        refused("close", Errno.EBUSY, end.sends::close);
        refused("close", Errno.EBUSY, end.channel::close);
        refused("close", Errno.EBUSY, end.domain::close);
        end.pair.close();
        refused(
                "postSend",
                Errno.EBADF,
                () -> end.pair.postSend(end.request(1, 0, 8).send()));
        end.memory.close();
        end.sends.close();
        end.receives.close();
        refused("poll", Errno.EBADF, () -> end.sends.poll(new WorkCompletion()));
        end.channel.close();
        end.domain.close();
        refused("tryGetEvent", Errno.EBADF, end.channel::tryGetEvent);
        context.close();
        refused("tryGetEvent", Errno.EBADF, context.asyncEvents()::tryGetEvent);
        refused("queryPort", Errno.EBADF, () -> context.queryPort(1));
    }

    @Test
    @DisplayName("ibv_open_device: a removed device cannot be opened (ENODEV)")
    final void cannotBeOpened() {
        faults.remove();
        refused("open", Errno.ENODEV, this::open);
        refused("open", Errno.ENODEV, () -> context.device().open());
    }

    // ---- who waits for many queues

    @ParameterizedTest(name = "armed: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("§1.3 a waiter returns what is in any of its queues before it says that the device is gone")
    final void waiterReturnsAll(boolean armed) {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        List<Ticker> tickers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            CompletionQueue queue = queueOn(channel, 32);
            waiter.add(queue);
            tickers.add(new Ticker(context, queue));
        }
        WorkCompletion[] completions = WorkCompletion.array(1);
        if (armed) {
            assertThat(waiter.arm(completions)).isZero();
        }
        List<Long> expected = List.of(1L, 2L, 3L, 4L);
        for (long id : expected) {
            tickers.get(id % 2 == 0 ? 2 : 0).unsolicited(id);
        }
        faults.remove();
        List<Long> found = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            assertThat(waiter.await(completions, i % 2, TimeUnit.DAYS)).isEqualTo(1);
            found.add(completions[0].wrId());
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
        for (int i = 0; i < 3; i++) {
            int timeout = i;
            assertThatThrownBy(() -> waiter.await(completions, timeout, TimeUnit.DAYS))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
        }
    }

    @Test
    @DisplayName("§1.3 work queues hand over all that has arrived before they say that the device is gone")
    final void workQueuesHandOverAll() {
        int depth = 4;
        WorkQueueOptions options = new WorkQueueOptions(depth, 64, WaitOptions.SLEEP);
        List<Long> expected = new ArrayList<>();
        List<Long> found = new ArrayList<>();
        try (WorkQueues group = WorkQueues.on(context, options)) {
            for (int i = 0; i < 5; i++) {
                WorkQueue client = WorkQueue.on(context, options);
                new WorkQueueEnds(group.add(), client).connect();
                for (int m = 0; m < depth; m++) {
                    assertThat(client.send(ByteBuffer.allocate(8).putLong(0, expected.size())))
                            .isTrue();
                    expected.add((long) expected.size());
                }
                WorkQueueEnds.awaitAll(client);
            }
            faults.remove();
            Throwable end;
            do {
                end = catchThrowable(() -> {
                    int unused = group.serve((queue, message) -> found.add(message.getLong()), 1, TimeUnit.DAYS);
                });
            } while (end == null);
            assertThat(end)
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    }

    // ---- the other side

    @Test
    @DisplayName("§2.5 peers of a removed device: RC fails with RETRY_EXC_ERR, UC and UD lose their messages")
    final void peers() {
        Pair reliable = across(new EndSpec(), new Wiring());
        Pair unreliable = across(new EndSpec().type(QueuePairType.UC), new Wiring());
        Pair datagrams = across(new EndSpec().type(QueuePairType.UD), new Wiring());
        End peer = reliable.b();
        reliable.a().receive(1, 0, 8);
        reliable.a().receive(2, 0, 8);
        peer.post(peer.request(1, 0, 8).send());
        Completions.success(peer.sends, 1, WorkCompletionOpcode.SEND);
        AddressHandle handle = datagrams.b().domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context)));
        byte[] before = reliable.a().fill(0, 64, 4);
        faults.remove();
        peer.post(peer.request(2, 0, 8).send());
        Completions.failure(peer.sends, 2, WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(reliable.a().bytes(0, 64)).isEqualTo(before);
        End sender = unreliable.b();
        sender.post(sender.request(3, 0, 8)
                .write(unreliable.a().address(0), unreliable.a().memory.rkey()));
        Completions.success(sender.sends, 3, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(unreliable.a().bytes(0, 8)).isEqualTo(new byte[8]);
        End caster = datagrams.b();
        int number = datagrams.a().pair.number();
        caster.post(caster.request(4, 0, 8).send().datagram(handle, number, Wiring.QKEY));
        Completions.success(caster.sends, 4, WorkCompletionOpcode.SEND);
    }

    // ---- races

    /** Runs something again and again until it is refused, which must be because the device is gone. */
    private static Deadline.Running until(String name, Deadline.Body body) {
        return Deadline.start(name, () -> {
            Throwable end;
            do {
                end = catchThrowable(body::run);
            } while (end == null);
            assertThat(end).isInstanceOf(VerbsException.class);
            assertThat(Errno.nameOf(((VerbsException) end).errno())).isEqualTo("EIO");
        });
    }

    @Test
    @DisplayName("§1.3 removal under traffic: who posts, polls, arms, waits, makes or asks ends with EIO")
    final void underTraffic() throws Throwable {
        Pair pair = across(new EndSpec().withChannel(), new Wiring());
        End end = pair.a();
        End peer = pair.b();
        WorkCompletion[] completions = WorkCompletion.array(16);
        List<Deadline.Running> threads = new ArrayList<>();
        threads.add(until("posts", () -> {
            var unused = end.pair.postSend(end.request(1, 0, 4096).write(peer.address(0), peer.memory.rkey()));
        }));
        threads.add(until("polls", () -> end.sends.poll(completions)));
        threads.add(until("polls the other", () -> end.receives.poll(new WorkCompletion())));
        threads.add(until("arms", () -> end.sends.requestNotify(NotificationType.ANY)));
        threads.add(until("waits", () -> end.channel.getEvent().ackEvents(1)));
        threads.add(until("makes", () -> end.domain.allocateMemory(64, 0).close()));
        threads.add(until("asks", () -> context.queryPort(1)));
        threads.add(until("reads events", () -> context.asyncEvents().getEvent().acknowledge()));
        Deadline.await("some traffic", () -> end.sends.vector().eventsRaised() > 20);
        faults.remove();
        for (Deadline.Running thread : threads) {
            thread.join();
        }
        end.pair.close();
        end.sends.close();
        end.receives.close();
        end.channel.close();
    }

    @Test
    @DisplayName("§1.3 removal in the moment of a close, or of closing the context")
    final void againstClose() throws Throwable {
        Context second = openAnother();
        End end = self(new EndSpec().withChannel());
        Deadline.Running closing = Deadline.start("closes", () -> {
            end.pair.close();
            end.sends.close();
            end.receives.close();
            end.channel.close();
        });
        Deadline.Running closingAll = Deadline.start("closes the context", second::close);
        faults.remove();
        closing.join();
        closingAll.join();
    }
}
