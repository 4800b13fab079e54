package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;
import static org.rddma.verbs.conformance.Refusals.unsupported;

import java.time.Duration;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Receives that several queue pairs take from: verbs-semantics §2.7. The limit and its event have their own suite. */
@Needs(Capability.SHARED_RECEIVE_QUEUE)
public abstract class SharedReceiveQueueConformance extends DeviceConformance {
    private static final int ROOM = 16;

    private End hub;
    private SharedReceiveQueue queue;

    @BeforeEach
    final void makeQueue() {
        hub = new End(context, new EndSpec());
        queue = hub.domain.createSharedReceiveQueue(
                new SharedReceiveQueueAttributes().maxRequests(ROOM).maxElements(4));
    }

    /** An end that sends to a queue pair with the shared queue. */
    private record Sender(End end, QueuePair peer) {
        SendRequest request(long wrId, int length) {
            return end.request(wrId, 0, length);
        }
    }

    private Sender sender() {
        return sender(new Wiring());
    }

    private Sender sender(Wiring wiring) {
        Sender sender = new Sender(new End(context, new EndSpec()), hub.createPair(new EndSpec().shared(queue)));
        wiring.connect(sender.end.pair, sender.peer);
        return sender;
    }

    private void post(long wrId, int offset, int length) {
        assertThat(queue.postReceive(new ReceiveRequest(wrId, hub.piece(offset, length))))
                .as("the shared receive queue is full")
                .isNull();
    }

    private void sent(Sender sender, long wrId, int length) {
        sender.end.post(sender.request(wrId, length));
        Completions.success(sender.end.sends, wrId, WorkCompletionOpcode.SEND);
    }

    private void received(long wrId, QueuePair pair) {
        WorkCompletion receive = Completions.success(hub.receives, wrId, WorkCompletionOpcode.RECV);
        assertThat(receive.queuePairNumber()).isEqualTo(pair.number());
    }

    @Test
    @DisplayName("§2.7 a new queue has at least the sizes asked for, no limit, and gives back what it was given")
    final void created() {
        Object mine = new Object();
        SharedReceiveQueueAttributes attributes =
                new SharedReceiveQueueAttributes().maxRequests(5).maxElements(3).userContext(mine);
        SharedReceiveQueue made = hub.domain.createSharedReceiveQueue(attributes);
        attributes.maxRequests(100).maxElements(1).userContext(null);
        assertThat(made.maxRequests()).isGreaterThanOrEqualTo(5);
        assertThat(made.maxElements()).isGreaterThanOrEqualTo(3);
        assertThat(made.limit()).isZero();
        assertThat(made.userContext()).isSameAs(mine);
        assertThat(made.protectionDomain()).isSameAs(hub.domain);
        unsupported("number", made::number);
        QueuePair pair = hub.createPair(new EndSpec().shared(made));
        assertThat(pair.sharedReceiveQueue()).isSameAs(made);
        assertThat(hub.pair.sharedReceiveQueue()).isNull();
    }

    @Test
    @DisplayName("§2.7 sizes over the device's limits, and below what makes sense, are refused (EINVAL)")
    final void wrongSizes() {
        DeviceLimits limits = context.device().attributes().limits();
        String verb = "createSharedReceiveQueue";
        refused(verb, Errno.EINVAL, () -> hub.domain.createSharedReceiveQueue(null));
        for (int requests : new int[] {0, -1, Integer.MIN_VALUE, limits.maxSharedReceiveRequests() + 1}) {
            refused(
                    verb,
                    Errno.EINVAL,
                    () -> hub.domain.createSharedReceiveQueue(
                            new SharedReceiveQueueAttributes().maxRequests(requests)));
        }
        for (int elements : new int[] {-1, Integer.MIN_VALUE, limits.maxSharedReceiveElements() + 1}) {
            refused(
                    verb,
                    Errno.EINVAL,
                    () -> hub.domain.createSharedReceiveQueue(
                            new SharedReceiveQueueAttributes().maxElements(elements)));
        }
        int most = limits.maxSharedReceiveElements();
        assertThat(hub.domain
                        .createSharedReceiveQueue(new SharedReceiveQueueAttributes().maxElements(most))
                        .maxElements())
                .isGreaterThanOrEqualTo(most);
    }

    @Test
    @DisplayName(
            "§2.7 a message of any queue pair takes the receive posted first; it completes with that pair's number")
    final void order() {
        Sender[] senders = {sender(), sender(), sender()};
        for (int i = 0; i < 12; i++) {
            post(i, 64 * i, 64);
        }
        int[] turns = {0, 2, 2, 1, 0, 1, 1, 0, 2, 0, 0, 1};
        for (int i = 0; i < turns.length; i++) {
            byte[] bytes = senders[turns[i]].end.fill(0, i + 1, i);
            sent(senders[turns[i]], i, i + 1);
            received(i, senders[turns[i]].peer);
            assertThat(hub.bytes(64 * i, i + 1)).isEqualTo(bytes);
        }
        Completions.none(this, hub.receives);
    }

    @Test
    @DisplayName("§2.7 each queue pair's receives complete in its own receive queue")
    final void ownCompletionQueue() {
        Sender first = sender();
        QueuePair elsewhere = hub.domain.createQueuePair(new QueuePairInitAttributes()
                .sendCompletionQueue(hub.sends)
                .receiveCompletionQueue(hub.sends)
                .sharedReceiveQueue(queue));
        End second = new End(context, new EndSpec());
        new Wiring().connect(second.pair, elsewhere);
        post(1, 0, 64);
        post(2, 64, 64);
        second.post(second.request(3, 0, 8));
        WorkCompletion completion = Completions.success(hub.sends, 1, WorkCompletionOpcode.RECV);
        assertThat(completion.queuePairNumber()).isEqualTo(elsewhere.number());
        sent(first, 4, 8);
        received(2, first.peer);
    }

    @Test
    @DisplayName("§2.2 posting a receive to the queue pair itself is refused (EINVAL)")
    final void ownReceiveQueue() {
        Sender sender = sender();
        ReceiveRequest request = new ReceiveRequest(1, hub.piece(0, 8));
        assertThat(refused("postReceive", Errno.EINVAL, () -> sender.peer.postReceive(request))
                        .badRequest())
                .containsSame(request);
        post(2, 0, 64);
        sent(sender, 3, 8);
        received(2, sender.peer);
    }

    @Test
    @DisplayName("§2.7 write with immediate takes a receive; plain writes do not")
    final void writes() {
        Sender sender = sender();
        post(1, 0, 0);
        SendRequest write = sender.request(2, 8).write(hub.address(4096), hub.memory.rkey());
        sender.end.post(write);
        Completions.success(sender.end.sends, 2, WorkCompletionOpcode.RDMA_WRITE);
        Completions.none(this, hub.receives);
        sender.end.post(write.wrId(3).writeWithImmediate(hub.address(4096), hub.memory.rkey(), 0x01020304));
        WorkCompletion receive = Completions.success(hub.receives, 1, WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
        assertThat(receive.immediate()).isEqualTo(0x01020304);
        assertThat(receive.queuePairNumber()).isEqualTo(sender.peer.number());
    }

    @Test
    @Needs(Capability.DATAGRAM)
    @DisplayName("§2.7 datagrams take from it too, and are dropped when it is empty")
    final void datagrams() {
        QueuePair peer = hub.createPair(new EndSpec().type(QueuePairType.UD).shared(queue));
        End end = new End(context, new EndSpec().type(QueuePairType.UD));
        new Wiring().activate(peer);
        new Wiring().activate(end.pair);
        SendRequest request = end.request(1, 0, 8)
                .datagram(
                        end.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context))),
                        peer.number(),
                        Wiring.QKEY);
        end.post(request);
        Completions.success(end.sends, 1, WorkCompletionOpcode.SEND);
        if (!completesInPost()) { // it is sent, and may still be on its way
            Completions.none(Duration.ofMillis(500), hub.receives);
        }
        post(2, 0, 100);
        Completions.none(this, hub.receives);
        end.post(request.wrId(3));
        Completions.success(end.sends, 3, WorkCompletionOpcode.SEND);
        received(2, peer);
    }

    @Test
    @DisplayName("§2.4(7) while it is empty senders wait, and go on when receives are posted, each message once")
    final void empty() {
        Sender[] senders = {sender(), sender()};
        for (Sender sender : senders) {
            sender.end.post(sender.request(1, 8));
        }
        Completions.none(Duration.ofMillis(5), hub.receives);
        post(10, 0, 64);
        post(11, 64, 64);
        for (Sender sender : senders) {
            Completions.success(sender.end.sends, 1, WorkCompletionOpcode.SEND);
        }
        Completions.success(hub.receives, 10, WorkCompletionOpcode.RECV);
        Completions.success(hub.receives, 11, WorkCompletionOpcode.RECV);
        Completions.none(this, hub.receives);
    }

    @Test
    @DisplayName("§2.4(7) empty, and no RNR retries left: RNR_RETRY_EXC_ERR; the receiver and its queue live")
    final void emptyForTooLong() {
        Sender sender = sender(new Wiring().rnrRetries(1));
        sender.end.post(sender.request(1, 8));
        Completions.failure(sender.end.sends, 1, WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        assertThat(sender.peer.state()).isEqualTo(QueuePairState.RTS);
        Sender other = sender();
        post(2, 0, 64);
        sent(other, 3, 8);
        received(2, other.peer);
    }

    @Test
    @DisplayName("§2.4(4) a queue pair that fails does not flush it: what is posted serves the others")
    final void notFlushed() {
        Sender failing = sender();
        Sender other = sender();
        for (int i = 0; i < 4; i++) {
            post(i, 64 * i, 64);
        }
        failing.peer.modify(to(QueuePairState.ERR));
        Completions.none(this, hub.receives);
        for (int i = 0; i < 4; i++) {
            sent(other, 10 + i, 8);
            received(i, other.peer);
        }
    }

    @Test
    @DisplayName("§2.4(14) a message too long for the receive fails its queue pair and takes that receive, no more")
    final void tooLong() {
        Sender failing = sender();
        Sender other = sender();
        post(1, 0, 7);
        post(2, 64, 64);
        failing.end.post(failing.request(3, 8));
        Completions.failure(failing.end.sends, 3, WorkCompletionStatus.REM_INV_REQ_ERR);
        WorkCompletion failed = Completions.failure(hub.receives, 1, WorkCompletionStatus.LOC_LEN_ERR);
        assertThat(failed.queuePairNumber()).isEqualTo(failing.peer.number());
        sent(other, 4, 8);
        received(2, other.peer);
    }

    @Test
    @DisplayName("§2.5 a bad element of a receive: LOC_PROT_ERR there, REM_OP_ERR here, and the others go on")
    final void badElements() {
        Sender other = sender();
        ScatterGatherElement[] bad = {
            new ScatterGatherElement().set(hub.address(0), 64, 0),
            hub.piece(-1, 64),
            new ScatterGatherElement(hub.domain.allocateMemory(64, 0)),
            new ScatterGatherElement(context.allocateProtectionDomain().allocateMemory(64, AccessFlags.LOCAL_WRITE)),
        };
        for (ScatterGatherElement element : bad) {
            Sender failing = sender();
            assertThat(queue.postReceive(new ReceiveRequest(1, element))).isNull();
            post(2, 64, 64);
            failing.end.post(failing.request(3, 8));
            Completions.failure(failing.end.sends, 3, WorkCompletionStatus.REM_OP_ERR);
            Completions.failure(hub.receives, 1, WorkCompletionStatus.LOC_PROT_ERR);
            sent(other, 4, 8);
            received(2, other.peer);
        }
    }

    @Test
    @DisplayName(
            "§2.7 posting: refusals name the request (EINVAL), those before it are posted; a full queue is returned")
    final void posting() {
        Sender sender = sender();
        ReceiveRequest[] wrong = {
            new ReceiveRequest().sges(new ScatterGatherElement[queue.maxElements() + 1]),
            new ReceiveRequest(1, null),
            new ReceiveRequest(1, hub.piece(0, -1)),
        };
        long id = 0;
        for (ReceiveRequest bad : wrong) {
            ReceiveRequest good = new ReceiveRequest(id, hub.piece(0, 8)).next(bad.next(new ReceiveRequest()));
            assertThat(refused("postReceive", Errno.EINVAL, () -> queue.postReceive(good))
                            .badRequest())
                    .containsSame(bad);
            sent(sender, 10, 8);
            received(id++, sender.peer);
        }
        refused("postReceive", Errno.EINVAL, () -> queue.postReceive(null));
        int room = queue.maxRequests();
        ReceiveRequest[] chain = new ReceiveRequest[room + 2];
        for (int i = room + 1; i >= 0; i--) {
            chain[i] = new ReceiveRequest(100 + i, hub.piece(0, 8)).next(i > room ? null : chain[i + 1]);
        }
        assertThat(queue.postReceive(chain[0])).isSameAs(chain[room]);
        assertThat(queue.postReceive(chain[room])).isSameAs(chain[room]);
        for (int i = 0; i < room; i++) {
            sent(sender, i, 8);
            received(100 + i, sender.peer);
        }
        assertThat(queue.postReceive(chain[room]))
                .as("all slots are free again")
                .isNull();
        sent(sender, 1, 8);
        received(100 + room, sender.peer);
    }

    @Test
    @DisplayName("§2.7 a slot comes free when its completion has been polled, in whatever order and queue that is")
    final void slots() {
        Sender[] senders = {sender(), sender()};
        for (int i = 0; i < queue.maxRequests(); i++) {
            post(i, 0, 8);
        }
        ReceiveRequest more = new ReceiveRequest(0, hub.piece(0, 8));
        for (int round = 0; round < 5 * queue.maxRequests(); round++) {
            assertThat(queue.postReceive(more)).isSameAs(more);
            Sender sender = senders[round % 3 == 0 ? 0 : 1];
            sent(sender, round, 8);
            received(round, sender.peer);
            post(round + queue.maxRequests(), 0, 8);
        }
    }

    @Test
    @DisplayName("§2.2 queue pairs that go, by RESET or close, leave what is posted here as it is")
    final void resetAndClose() {
        Sender first = sender();
        Sender second = sender();
        post(1, 0, 64);
        post(2, 64, 64);
        first.peer.modify(to(QueuePairState.RESET));
        second.peer.close();
        Completions.none(this, hub.receives);
        Sender third = sender();
        sent(third, 3, 8);
        received(1, third.peer);
        sent(third, 4, 8);
        received(2, third.peer);
    }

    @Test
    @Needs(Capability.SHARED_RECEIVE_QUEUE_RESIZE)
    @DisplayName("§2.7 resize keeps what is posted, in order, and makes or takes room")
    final void resize() {
        Sender sender = sender();
        for (int i = 0; i < ROOM; i++) {
            post(i, 0, 8);
        }
        queue.resize(4 * ROOM);
        assertThat(queue.maxRequests()).isGreaterThanOrEqualTo(4 * ROOM);
        for (int i = ROOM; i < 4 * ROOM; i++) {
            post(i, 0, 8);
        }
        for (int i = 0; i < 3 * ROOM; i++) {
            sent(sender, i, 8);
            received(i, sender.peer);
        }
        int before = queue.maxRequests();
        for (int wrong : new int[] {
            ROOM - 1, 0, -1, context.device().attributes().limits().maxSharedReceiveRequests() + 1
        }) {
            refused("resize", Errno.EINVAL, () -> queue.resize(wrong));
            assertThat(queue.maxRequests()).isEqualTo(before);
        }
        queue.resize(ROOM);
        assertThat(queue.maxRequests()).isGreaterThanOrEqualTo(ROOM);
        for (int i = 3 * ROOM; i < 4 * ROOM; i++) {
            sent(sender, i, 8);
            received(i, sender.peer);
        }
        queue.armLimit(3);
        refused("resize", Errno.EINVAL, () -> queue.resize(2));
        queue.resize(3);
        int room = queue.maxRequests();
        for (int i = 0; i < room; i++) {
            post(i, 0, 8);
        }
        ReceiveRequest tooMany = new ReceiveRequest(room, hub.piece(0, 8));
        assertThat(queue.postReceive(tooMany)).isSameAs(tooMany);
    }

    @Test
    @DisplayName("§2.7 a slot comes free too when its completion queue is closed unpolled")
    final void slotsOfClosedQueue() {
        for (int round = 0; round < 3; round++) {
            End end = new End(context, new EndSpec());
            CompletionQueue unpolled = context.createCompletionQueue(ROOM);
            QueuePair peer = hub.createPair(new EndSpec().shared(queue), hub.sends, unpolled);
            new Wiring().connect(end.pair, peer);
            for (int i = 0; i < ROOM; i++) {
                post(i, 0, 8);
            }
            for (int i = 0; i < ROOM; i++) {
                end.post(end.request(i, 0, 8));
                Completions.success(end.sends, i, WorkCompletionOpcode.SEND);
            }
            Deadline.await("a completion", () -> unpolled.requestNotify(NotificationType.ANY));
            peer.close();
            unpolled.close();
        }
    }

    @Test
    @Needs({Capability.SHARED_RECEIVE_QUEUE, Capability.DATAGRAM})
    @DisplayName("§2.4(14) a datagram that is too long takes no receive: the next one takes the same, all round")
    final void givenBack() {
        End end = new End(context, new EndSpec().type(QueuePairType.UD));
        QueuePair peer = hub.createPair(new EndSpec().type(QueuePairType.UD).shared(queue));
        new Wiring().activate(end.pair);
        new Wiring().activate(peer);
        AddressHandle way = end.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context)));
        post(0, 0, 100);
        for (int i = 0; i < 3 * ROOM; i++) {
            post(i + 1, 0, 100);
            for (int length : new int[] {61, 60}) { // 40 are the header's
                end.post(end.request(i, 0, length).datagram(way, peer.number(), Wiring.QKEY));
                Completions.success(end.sends, i, WorkCompletionOpcode.SEND);
            }
            received(i, peer);
        }
    }

    @Test
    @Needs({Capability.SHARED_RECEIVE_QUEUE, Capability.UNRELIABLE_CONNECTION})
    @DisplayName("§2.5 UC: a write with immediate that may not be carried out takes no receive")
    final void refusedWriteGivesBack() {
        End end = new End(context, new EndSpec().type(QueuePairType.UC));
        QueuePair peer = hub.createPair(new EndSpec().type(QueuePairType.UC).shared(queue));
        new Wiring().connect(end.pair, peer);
        post(0, 0, 8);
        for (int i = 0; i < 2 * ROOM; i++) {
            post(i + 1, 0, 8);
            for (int wrong : new int[] {1, 0}) {
                end.post(end.request(i, 0, 8).writeWithImmediate(hub.address(64), hub.memory.rkey() ^ wrong, 5));
                Completions.success(end.sends, i, WorkCompletionOpcode.RDMA_WRITE);
            }
            WorkCompletion receive = Completions.success(hub.receives, i, WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
            assertThat(receive.queuePairNumber()).isEqualTo(peer.number());
        }
    }

    @Test
    @Needs(Capability.SHARED_RECEIVE_QUEUE_RESIZE)
    @DisplayName("§2.7 resize keeps the order, wherever the oldest is: one taken, one posted, over all of the queue")
    final void resizeKeepsOrder() {
        Sender sender = sender();
        int oldest = 0;
        int next = 0;
        for (int size = ROOM; size < 4 * ROOM; size *= 2) {
            while (next - oldest < size) {
                post(next++, 0, 8);
            }
            for (int i = 0; i < size + size / 2; i++) {
                sent(sender, oldest, 8);
                received(oldest++, sender.peer);
                post(next++, 0, 8);
            }
            queue.resize(2 * size);
        }
        while (oldest < next) {
            sent(sender, oldest, 8);
            received(oldest++, sender.peer);
        }
    }

    @Test
    @DisplayName("§2.7 closing: EBUSY while a queue pair uses it; then its receives vanish, and its verbs fail (EBADF)")
    final void closing() {
        Sender sender = sender();
        post(1, 0, 64);
        for (int i = 0; i < 2; i++) {
            assertThat(refused("close", Errno.EBUSY, queue::close)).hasMessageContaining(sender.peer.toString());
        }
        refused("close", Errno.EBUSY, () -> queue.close(Duration.ZERO));
        sent(sender, 2, 8);
        received(1, sender.peer);
        post(3, 0, 64);
        sender.peer.close();
        queue.close();
        queue.close();
        queue.close(Duration.ZERO);
        Completions.none(this, hub.receives);
        refused("postReceive", Errno.EBADF, () -> queue.postReceive(new ReceiveRequest()));
        refused("armLimit", Errno.EBADF, () -> queue.armLimit(0));
        refused("createQueuePair", Errno.EBADF, () -> hub.createPair(new EndSpec().shared(queue)));
        hub.pair.close();
        hub.memory.close();
        hub.domain.close();
        SharedReceiveQueueAttributes attributes = new SharedReceiveQueueAttributes();
        refused("createSharedReceiveQueue", Errno.EBADF, () -> hub.domain.createSharedReceiveQueue(attributes));
    }

    @Test
    @DisplayName("§2.7 a queue of another context cannot be used (EINVAL)")
    final void foreign() {
        End stranger = new End(openAnother(), new EndSpec());
        refused("createQueuePair", Errno.EINVAL, () -> stranger.createPair(new EndSpec().shared(queue)));
        queue.close(); // it has no user
    }

    @Test
    @HangGuard(seconds = 60)
    @DisplayName("§2.7 two threads post and three connections send at once: every receive is used once")
    final void concurrent() throws Throwable {
        int messages = Math.max(2_000, load(20_000));
        int senders = 3;
        BitSet used = new BitSet();
        Deadline.Running[] threads = new Deadline.Running[senders + 2];
        for (int s = 0; s < senders; s++) {
            Sender sender = sender();
            threads[s] = Deadline.start("sends, " + s, () -> {
                SendRequest request = sender.request(1, 8);
                for (int i = 0; i < messages; i++) {
                    sender.end.post(request);
                    assertThat(Completions.next(sender.end.sends).isSuccess()).isTrue();
                }
            });
        }
        java.util.concurrent.atomic.AtomicInteger ids = new java.util.concurrent.atomic.AtomicInteger();
        int all = messages * senders;
        for (int p = 0; p < 2; p++) {
            threads[senders + p] = Deadline.start("posts, " + p, () -> {
                ReceiveRequest request = new ReceiveRequest(0, hub.piece(64 * senders, 8));
                for (int id = ids.getAndIncrement(); id < all; id = ids.getAndIncrement()) {
                    request.wrId(id);
                    Deadline.await("room", () -> queue.postReceive(request) == null);
                }
            });
        }
        WorkCompletion completion = new WorkCompletion();
        for (int i = 0; i < all; i++) {
            Deadline.await("a receive", () -> hub.receives.poll(completion));
            assertThat(completion.isSuccess()).isTrue();
            assertThat(used.get((int) completion.wrId())).as("used twice").isFalse();
            used.set((int) completion.wrId());
        }
        for (Deadline.Running thread : threads) {
            thread.join();
        }
        Completions.none(this, hub.receives);
        assertThat(used.cardinality()).isEqualTo(all);
    }
}
