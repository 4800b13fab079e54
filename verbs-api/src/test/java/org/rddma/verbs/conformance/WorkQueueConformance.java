package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.verbs.conformance.Refusals.refused;
import static org.rddma.verbs.conformance.Refusals.unsupported;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WorkQueue;
import org.rddma.verbs.app.WorkQueueOptions;

/** A queue between two programs: messages, shared memory, failures and mistakes. Waiting has a suite of its own. */
public abstract class WorkQueueConformance extends DeviceConformance {
    private static final int SIZE = 256;
    private static final int DEPTH = 4;
    private static final WorkQueueOptions OPTIONS = new WorkQueueOptions(DEPTH, SIZE, WaitOptions.SLEEP);

    private WorkQueueEnds ends() {
        return WorkQueueEnds.in(context, OPTIONS);
    }

    private WorkQueueEnds ends(WorkQueueOptions options) {
        return WorkQueueEnds.in(context, options);
    }

    @Test
    @DisplayName("messages of all lengths arrive whole and in order, in both directions, from buffers of every kind")
    final void messagesArriveWholeAndInOrder() {
        WorkQueueEnds ends = ends();
        ByteBuffer direct = ByteBuffer.allocateDirect(3 * SIZE);
        for (int length = 0; length <= SIZE; length += length < 4 || length > SIZE - 4 ? 1 : 13) {
            ByteBuffer message = WorkQueueEnds.message(length, length);
            assertThat(ends.a().sendSync(message.asReadOnlyBuffer())).isTrue();
            WorkQueueEnds.assertIs(WorkQueueEnds.next(ends.b()), length, length);

            direct.clear().position(5).put(message).flip().position(5);
            assertThat(ends.b().sendSync(direct)).isTrue();
            assertThat(direct.position())
                    .as("where the buffer is when it is sent")
                    .isEqualTo(5 + length);
            assertThat(direct.limit()).isEqualTo(5 + length);
            WorkQueueEnds.assertIs(WorkQueueEnds.next(ends.a()), length, length);
        }
    }

    @Test
    @DisplayName("a full queue says so at once and changes nothing; when the peer has received there is room again")
    final void fullQueueAnswersFalse() {
        WorkQueueEnds ends = ends();
        long sent = ends.fill(DEPTH);
        ByteBuffer refused = ByteBuffer.allocate(8);
        for (int i = 0; i < 100; i++) {
            assertThat(ends.a().send(refused)).isFalse();
        }
        assertThat(refused.position()).isZero();
        assertThat(ends.a().posted()).isEqualTo(sent);
        for (long i = 0; i < sent; i++) {
            assertThat(WorkQueueEnds.next(ends.b()).getLong()).isEqualTo(i);
        }
        assertThat(ends.b().receive()).isNull();
        WorkQueueEnds.awaitAll(ends.a());
        assertThat(ends.a().completed()).isEqualTo(sent);
        assertThat(ends.a().send(refused)).isTrue();
        assertThat(WorkQueueEnds.next(ends.b()).remaining()).isEqualTo(8);
    }

    @Test
    @DisplayName("an empty queue says so at once")
    final void emptyQueueAnswersNull() {
        WorkQueueEnds ends = ends();
        for (int i = 0; i < 100; i++) {
            assertThat(ends.b().receive()).isNull();
            assertThat(ends.b().receiveSync(0, TimeUnit.SECONDS)).isNull();
            assertThat(ends.b().receiveSync(Long.MIN_VALUE, TimeUnit.DAYS)).isNull();
        }
    }

    @Test
    @DisplayName("a sent buffer is the program's at once: what it writes there then goes nowhere")
    final void sentBufferIsFree() {
        WorkQueueEnds ends = ends();
        ByteBuffer buffer = ByteBuffer.allocateDirect(8);
        long number = 0;
        while (ends.a().send(buffer.clear().putLong(0, number))) { // the last of them are still to be sent
            number++;
            buffer.putLong(0, -1);
        }
        buffer.putLong(0, -2);
        for (long i = 0; i < number; i++) {
            assertThat(WorkQueueEnds.next(ends.b()).getLong()).isEqualTo(i);
        }
    }

    @Test
    @DisplayName("a received message is the program's until it asks for the next, whatever arrives meanwhile")
    final void receivedMessageStays() {
        WorkQueueEnds ends = ends();
        long number = 0;
        for (int round = 0; round < 3 * DEPTH; round++) {
            number = sendWhileThereIsRoom(ends.a(), number);
            if (number == round) { // all have arrived, and there is no room: their ends are on the way
                assertThat(ends.a().sendSync(ByteBuffer.allocate(8).putLong(0, number)))
                        .isTrue();
                number++;
            }
            ByteBuffer message = WorkQueueEnds.next(ends.b());
            number = sendWhileThereIsRoom(ends.a(), number);
            assertThat(message.getLong()).isEqualTo(round);
            message.putLong(0, -1); // it may be written to
        }
    }

    private static long sendWhileThereIsRoom(WorkQueue queue, long first) {
        long number = first;
        while (queue.send(ByteBuffer.allocate(8).putLong(0, number))) {
            number++;
        }
        return number;
    }

    @Test
    @DisplayName("a message is handed out from 0 to its limit, big-endian, whatever was done to the memory before")
    final void messageLooksAlwaysTheSame() {
        WorkQueueEnds ends = ends();
        for (int i = 0; i < 3 * DEPTH; i++) {
            assertThat(ends.a().sendSync(ByteBuffer.allocate(8).putLong(0, i))).isTrue();
            ByteBuffer message = WorkQueueEnds.next(ends.b());
            assertThat(message.position()).isZero();
            assertThat(message.limit()).isEqualTo(8);
            assertThat(message.order()).isEqualTo(java.nio.ByteOrder.BIG_ENDIAN);
            assertThat(message.getLong()).isEqualTo(i);
            message.clear().limit(1).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        }
    }

    @Test
    @DisplayName("a queue that is connected to itself works, and so does one whose queue pair was connected by hand")
    final void otherConnections() {
        WorkQueue self = WorkQueue.on(context, OPTIONS);
        self.connect(self.endpoint());
        assertThat(self.send(WorkQueueEnds.message(1, 10))).isTrue();
        WorkQueueEnds.assertIs(WorkQueueEnds.next(self), 1, 10);

        WorkQueue a = WorkQueue.on(context, OPTIONS);
        WorkQueue b = WorkQueue.on(context, OPTIONS);
        refused("WorkQueue.activate", Errno.EINVAL, a::activate);
        Endpoint.connect(a.queuePair(), b.queuePair());
        a.activate();
        b.activate();
        b.activate();
        assertThat(a.send(WorkQueueEnds.message(2, 20))).isTrue();
        WorkQueueEnds.assertIs(WorkQueueEnds.next(b), 2, 20);
    }

    @Test
    @DisplayName("many queues can share one context, each with its own messages")
    final void manyQueuesInOneContext() {
        WorkQueueEnds[] all = new WorkQueueEnds[10];
        for (int i = 0; i < all.length; i++) {
            all[i] = ends();
        }
        for (int i = 0; i < all.length; i++) {
            assertThat(all[i].a().send(WorkQueueEnds.message(i, i))).isTrue();
        }
        for (int i = all.length - 1; i >= 0; i--) {
            WorkQueueEnds.assertIs(WorkQueueEnds.next(all[i].b()), i, i);
            assertThat(all[i].b().receive()).isNull();
        }
    }

    @Test
    @DisplayName("shared memory is sent from where it is, counted when it is done, and busy until then")
    final void sharedMemoryIsSentInPlace() {
        WorkQueueEnds ends = ends();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
        MemoryRegion region = ends.a().share(buffer, 0);
        ScatterGatherElement element = new ScatterGatherElement();
        for (int i = 0; i < 1024 / 8; i++) {
            buffer.putLong(8 * i, i);
        }
        int sent = 0; // as much as the peer has slots for, and as much again that waits
        while (sent < 2 * DEPTH) {
            element.set(region, 8 * sent++, 8);
            Deadline.await("room", () -> ends.a().send(element));
        }
        refused("WorkQueue.unshare", Errno.EBUSY, () -> ends.a().unshare(region));
        assertThat(ends.a().completed()).isLessThan(sent);
        for (int i = 0; i < sent; i++) {
            assertThat(WorkQueueEnds.next(ends.b()).getLong()).isEqualTo(i);
        }
        WorkQueueEnds.awaitAll(ends.a());
        ends.a().unshare(region);
        refused("WorkQueue.unshare", Errno.EINVAL, () -> ends.a().unshare(region));
        refused("WorkQueue.send", Errno.EINVAL, () -> ends.a().send(element));
    }

    @Test
    @DisplayName("calls that do not wait look at all that has come, also of a queue that is much deeper than one look")
    final void deepQueueIsLookedAtWhole() {
        Assumptions.assumeTrue(completesInPost(), "there is no telling when all completions are there to be looked at");
        int depth = 200;
        WorkQueueEnds ends = ends(new WorkQueueOptions(depth, 16, WaitOptions.SLEEP));
        MemoryRegion region = ends.a().share(ByteBuffer.allocateDirect(8), 0);
        ScatterGatherElement element = new ScatterGatherElement(region);
        sendAll(ends.a(), element, depth);
        assertThat(ends.a().completed()).isEqualTo(depth);
        for (int i = 0; i < depth; i++) {
            assertThat(ends.b().receive()).as("message %d", i).isNotNull();
        }
        assertThat(ends.b().receive()).isNull();
        sendAll(ends.a(), element, depth);
        assertThat(ends.b().send(ByteBuffer.allocate(8))).isTrue();
        WorkQueueEnds.awaitAll(ends.b());
        assertThat(ends.a().receive()).as("the message behind many completions").isNotNull();
        ends.a().unshare(region);
    }

    private static void sendAll(WorkQueue queue, ScatterGatherElement message, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(queue.send(message)).isTrue();
        }
    }

    @Test
    @DisplayName("what is not shared cannot be used in place: another key, a byte before, behind, no element")
    final void onlySharedMemoryInPlace() {
        WorkQueueEnds ends = ends();
        MemoryRegion region = ends.a().share(ByteBuffer.allocateDirect(64), AccessFlags.LOCAL_WRITE);
        MemoryRegion foreign = ends.b().share(ByteBuffer.allocateDirect(64), AccessFlags.LOCAL_WRITE);
        ScatterGatherElement[] wrong = {
            null,
            new ScatterGatherElement(),
            new ScatterGatherElement(foreign),
            new ScatterGatherElement(region, -1, 2),
            new ScatterGatherElement(region, 63, 2),
            new ScatterGatherElement(region, 64, 1),
            new ScatterGatherElement(region, 0, -1),
            new ScatterGatherElement(region, 0, Integer.MAX_VALUE),
            new ScatterGatherElement().set(Long.MAX_VALUE, 2, region.lkey()),
        };
        for (ScatterGatherElement element : wrong) {
            refused("WorkQueue.send", Errno.EINVAL, () -> ends.a().send(element));
            refused("WorkQueue.write", Errno.EINVAL, () -> ends.a().write(element, foreign.address(), foreign.rkey()));
            refused("WorkQueue.read", Errno.EINVAL, () -> ends.a().read(element, foreign.address(), foreign.rkey()));
        }
        assertThat(ends.a().posted()).isZero();
        assertThat(ends.a().send(new ScatterGatherElement(region, 60, 4))).isTrue();
        assertThat(WorkQueueEnds.next(ends.b()).remaining()).isEqualTo(4);
        refused("WorkQueue.unshare", Errno.EINVAL, () -> ends.a().unshare(foreign));
        refused("WorkQueue.unshare", Errno.EINVAL, () -> ends.a().unshare(null));
    }

    @Test
    @DisplayName("the peer works on memory that was shared with it: it is told where, reads, writes, and answers")
    final void peerUsesSharedMemory() {
        WorkQueueEnds ends = ends();
        ByteBuffer data = ByteBuffer.allocateDirect(64);
        data.putLong(0, 6).putLong(8, 7);
        MemoryRegion shared =
                ends.a().share(data, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_WRITE);
        ByteBuffer order = ByteBuffer.allocate(12).putLong(shared.address()).putInt(shared.rkey());
        assertThat(ends.a().send(order.flip())).isTrue();

        ByteBuffer received = WorkQueueEnds.next(ends.b());
        long address = received.getLong();
        int rkey = received.getInt();
        ByteBuffer work = ByteBuffer.allocateDirect(64);
        MemoryRegion own = ends.b().share(work, AccessFlags.LOCAL_WRITE);
        if (!has(Capability.RDMA_READ)) {
            unsupported("postSend", () -> ends.b().read(new ScatterGatherElement(own, 0, 16), address, rkey));
            work.putLong(0, 6).putLong(8, 7);
        } else {
            assertThat(ends.b().read(new ScatterGatherElement(own, 0, 16), address, rkey))
                    .isTrue();
        }
        WorkQueueEnds.awaitAll(ends.b());
        work.putLong(16, work.getLong(0) * work.getLong(8));
        assertThat(ends.b().write(new ScatterGatherElement(own, 16, 8), address + 16, rkey))
                .isTrue();
        assertThat(ends.b().send(ByteBuffer.allocate(0))).isTrue();
        assertThat(WorkQueueEnds.next(ends.a()).remaining()).isZero();
        assertThat(data.getLong(16)).isEqualTo(42);
        WorkQueueEnds.awaitAll(ends.b());
        assertThat(ends.b().completed()).isEqualTo(ends.b().posted());
    }

    @Test
    @DisplayName(
            "with all memory shared any direct buffer is sent from where it is; without the capability it is refused")
    final void allMemoryShared() {
        WorkQueueEnds ends = ends();
        if (!has(Capability.SHARE_ALL)) {
            unsupported("registerAll", () -> ends.a().shareAll(0));
            return;
        }
        MemoryRegion all = ends.a().shareAll(0);
        ScatterGatherElement element = new ScatterGatherElement();
        for (int i = 0; i < 10; i++) {
            ByteBuffer later = ByteBuffer.allocateDirect(SIZE)
                    .put(WorkQueueEnds.message(i, SIZE))
                    .flip();
            try {
                assertThat(ends.a().send(element.set(all.addressOf(later, 0), SIZE, all.lkey())))
                        .isTrue();
                WorkQueueEnds.assertIs(WorkQueueEnds.next(ends.b()), i, SIZE);
                WorkQueueEnds.awaitAll(ends.a());
            } finally {
                java.lang.ref.Reference.reachabilityFence(later);
            }
        }
        ends.a().unshare(all);
        refused("WorkQueue.send", Errno.EINVAL, () -> ends.a().send(element));
    }

    @Test
    @DisplayName("a message too long for the peer ends the connection on both sides, after all that came before")
    final void tooLongForPeer() {
        WorkQueue a = WorkQueue.on(context, OPTIONS);
        WorkQueue b = WorkQueue.on(context, OPTIONS.withMessageSize(SIZE / 2));
        new WorkQueueEnds(a, b).connect();
        assertThat(a.send(WorkQueueEnds.message(1, SIZE / 2))).isTrue();
        assertThat(a.send(WorkQueueEnds.message(2, SIZE / 2 + 1))).isTrue();
        refused("WorkQueue.awaitCompleted", Errno.EIO, () -> a.awaitCompleted(2, 10, TimeUnit.SECONDS));
        Deadline.await("the cause, which may come after what it has flushed", () -> {
            assertThat(a.completed()).isLessThanOrEqualTo(1);
            return a.failure() == WorkCompletionStatus.REM_INV_REQ_ERR;
        });
        assertThat(a.completed()).isEqualTo(1);
        refused("WorkQueue.send", Errno.EIO, () -> a.send(ByteBuffer.allocate(1)));
        refused("WorkQueue.receive", Errno.EIO, a::receive);
        WorkQueueEnds.assertIs(WorkQueueEnds.next(b), 1, SIZE / 2);
        refused("WorkQueue.receiveSync", Errno.EIO, () -> b.receiveSync(10, TimeUnit.SECONDS));
        assertThat(b.failure()).isEqualTo(WorkCompletionStatus.LOC_LEN_ERR);
    }

    @Test
    @DisplayName("a queue pair that goes to the error state ends the use of the queue, after what has arrived")
    final void errorStateEndsUse() {
        WorkQueueEnds ends = ends(); // one receive is left, and is flushed
        for (int i = 0; i < DEPTH - 1; i++) {
            assertThat(ends.a().send(WorkQueueEnds.message(i, i))).isTrue();
        }
        WorkQueueEnds.awaitAll(ends.a());
        ends.b().queuePair().modify(to(QueuePairState.ERR));
        for (int i = 0; i < DEPTH - 1; i++) {
            WorkQueueEnds.assertIs(WorkQueueEnds.next(ends.b()), i, i);
        }
        refused("WorkQueue.receiveSync", Errno.EIO, () -> ends.b().receiveSync(10, TimeUnit.SECONDS));
        refused("WorkQueue.receive", Errno.EIO, ends.b()::receive);
        refused("WorkQueue.send", Errno.EIO, () -> ends.b().send(ByteBuffer.allocate(1)));
        assertThat(ends.b().failure()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        ends.b().close();
    }

    @Test
    @DisplayName("mistakes are refused with a sentence, and the queue works on")
    final void mistakesAreRefused() {
        refused("WorkQueues.on", Errno.EINVAL, () -> WorkQueue.on(null, OPTIONS));
        refused("WorkQueues.on", Errno.EINVAL, () -> WorkQueue.on(context, null));
        refused("WorkQueue.request", Errno.EINVAL, () -> WorkQueue.request(null, OPTIONS));
        WorkQueue a = WorkQueue.on(context, OPTIONS);
        refused("WorkQueue.send", Errno.EINVAL, () -> a.send(ByteBuffer.allocate(1)));
        refused("WorkQueue.sendSync", Errno.EINVAL, () -> a.sendSync(ByteBuffer.allocate(1)));
        refused("WorkQueue.receive", Errno.EINVAL, a::receive);
        refused("WorkQueue.receiveSync", Errno.EINVAL, a::receiveSync);
        refused("WorkQueue.connect", Errno.EINVAL, () -> a.connect(null));
        Endpoint nowhere = new Endpoint(Gid.ZERO, -1, -1);
        assertThatThrownBy(() -> a.connect(nowhere)).isInstanceOf(org.rddma.verbs.VerbsException.class);

        WorkQueue b = WorkQueue.on(context, OPTIONS);
        new WorkQueueEnds(a, b).connect(); // after the attempt that failed
        refused("WorkQueue.connect", Errno.EINVAL, () -> a.connect(b.endpoint()));
        refused("WorkQueue.send", Errno.EINVAL, () -> a.send((ByteBuffer) null));
        refused("WorkQueue.send", Errno.EINVAL, () -> a.send(ByteBuffer.allocate(SIZE + 1)));
        refused("WorkQueue.sendSync", Errno.EINVAL, () -> a.sendSync(ByteBuffer.allocate(1), 1, null));
        refused("WorkQueue.receiveSync", Errno.EINVAL, () -> a.receiveSync(1, null));
        refused("WorkQueue.awaitCompleted", Errno.EINVAL, () -> a.awaitCompleted(0, 1, null));
        refused("WorkQueue.awaitCompleted", Errno.EINVAL, () -> a.awaitCompleted(1, 1, TimeUnit.DAYS));
        assertThatThrownBy(() -> a.share(ByteBuffer.allocate(8), 0)).isInstanceOf(org.rddma.verbs.VerbsException.class);
        a.resume();
        assertThat(a.send(WorkQueueEnds.message(1, SIZE))).isTrue();
        WorkQueueEnds.assertIs(WorkQueueEnds.next(b), 1, SIZE);
    }

    @Test
    @DisplayName(
            "sizes that no queue can have are refused before anything is made, and what a device cannot hold after")
    final void impossibleSizes() {
        int[][] wrong = {{0, 1}, {-1, 1}, {65537, 1}, {1, 0}, {1, -1}, {1, Integer.MAX_VALUE}, {1024, 1 << 20}};
        for (int[] sizes : wrong) {
            assertThatThrownBy(() -> new WorkQueueOptions(sizes[0], sizes[1], WaitOptions.SLEEP))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> OPTIONS.withWaiting(null)).isInstanceOf(IllegalArgumentException.class);
        int most = context.device().attributes().limits().maxQueuePairWorkRequests();
        if (most < 65536) {
            WorkQueueOptions tooDeep = OPTIONS.withDepth(most + 1).withMessageSize(1);
            refused("createQueuePair", Errno.EINVAL, () -> WorkQueue.on(context, tooDeep));
        }
        WorkQueueEnds least = ends(new WorkQueueOptions(1, 1, WaitOptions.SLEEP));
        for (int i = 0; i < 10; i++) {
            assertThat(least.a().sendSync(WorkQueueEnds.message(i, 1))).isTrue();
            WorkQueueEnds.assertIs(WorkQueueEnds.next(least.b()), i, 1);
        }
    }

    @Test
    @DisplayName(
            "closing takes everything back, whatever is under way, twice is harmless, and afterwards nothing works")
    final void closing() {
        LeakGuard.Snapshot before = LeakGuard.Snapshot.take();
        WorkQueueEnds ends = ends();
        MemoryRegion region = ends.a().share(ByteBuffer.allocateDirect(64), 0);
        while (ends.a().send(new ScatterGatherElement(region, 0, 8))) {
            assertThat(ends.a().failure()).isNull();
        }
        ByteBuffer received = WorkQueueEnds.next(ends.b());
        ends.a().close();
        ends.a().close();
        refused("WorkQueue.send", Errno.EBADF, () -> ends.a().send(ByteBuffer.allocate(1)));
        refused("WorkQueue.sendSync", Errno.EBADF, () -> ends.a().sendSync(ByteBuffer.allocate(1)));
        refused("WorkQueue.receive", Errno.EBADF, ends.a()::receive);
        refused("WorkQueue.receiveSync", Errno.EBADF, ends.a()::receiveSync);
        refused("WorkQueue.completed", Errno.EBADF, ends.a()::completed);
        refused("WorkQueue.awaitCompleted", Errno.EBADF, () -> ends.a().awaitCompleted(0, 1, TimeUnit.SECONDS));
        refused("WorkQueue.share", Errno.EBADF, () -> ends.a().share(ByteBuffer.allocateDirect(8), 0));
        refused("WorkQueue.unshare", Errno.EBADF, () -> ends.a().unshare(region));
        refused("WorkQueue.resume", Errno.EBADF, ends.a()::resume);
        refused(
                "WorkQueue.connect",
                Errno.EBADF,
                () -> ends.a().connect(ends.b().endpoint()));
        ends.b().close();
        assertThat(received.getLong())
                .as("memory that was handed out stays memory")
                .isZero();
        before.assertNothingLeaked();
    }

    @Test
    @DisplayName("after the context is closed all calls fail, and closing is harmless")
    final void contextClosedBefore() {
        org.rddma.verbs.Context other = openAnother();
        WorkQueueEnds ends = WorkQueueEnds.in(other, OPTIONS);
        other.close();
        assertThatThrownBy(() -> ends.a().send(ByteBuffer.allocate(1)))
                .isInstanceOf(org.rddma.verbs.VerbsException.class);
        refused("poll", Errno.EBADF, ends.a()::receive);
        ends.a().close();
        ends.b().close();
    }
}
