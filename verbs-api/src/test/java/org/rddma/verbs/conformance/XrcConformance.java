package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.XrcDomain;

/**
 * Extended reliable connections: one connection between two processes, over which each message names the shared
 * receive queue that it is for (verbs-semantics §2.1, §3; man ibv_open_xrcd, ibv_create_srq_ex, ibv_post_send).
 */
@Needs(Capability.XRC)
public abstract class XrcConformance extends DeviceConformance {
    private static final int RIGHTS = AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    private End near;
    private End far;
    private XrcDomain domain;
    private QueuePair sending;
    private QueuePair receiving;

    @BeforeEach
    final void connect() {
        near = new End(context, new EndSpec());
        far = new End(context, new EndSpec());
        domain = context.openXrcDomain();
        sending = near.domain.createQueuePair(new QueuePairInitAttributes()
                .type(QueuePairType.XRC_SEND)
                .sendCompletionQueue(near.sends)
                .maxSendRequests(16));
        receiving = far.domain.createQueuePair(
                new QueuePairInitAttributes().type(QueuePairType.XRC_RECV).xrcDomain(domain));
        for (QueuePair pair : new QueuePair[] {sending, receiving}) {
            pair.modify(new QueuePairAttributes()
                    .state(QueuePairState.INIT)
                    .pkeyIndex(0)
                    .port(1)
                    .accessFlags(RIGHTS));
        }
        sending.modify(toReceive(receiving));
        receiving.modify(toReceive(sending).maxDestReadAtomic(4).minRnrTimer(1));
        sending.modify(new QueuePairAttributes()
                .state(QueuePairState.RTS)
                .sqPsn(Wiring.PSN)
                .timeout(8)
                .retryCount(2)
                .rnrRetry(1)
                .maxReadAtomic(4));
        receiving.modify(new QueuePairAttributes()
                .state(QueuePairState.RTS)
                .sqPsn(Wiring.PSN)
                .timeout(8));
    }

    private static QueuePairAttributes toReceive(QueuePair peer) {
        return new QueuePairAttributes()
                .state(QueuePairState.RTR)
                .addressVector(AddressVector.to(Wiring.gidOf(peer)))
                .pathMtu(Mtu.MTU_1024)
                .destinationQueuePair(peer.number())
                .rqPsn(Wiring.PSN);
    }

    private SharedReceiveQueue queue(XrcDomain ofDomain, CompletionQueue completions) {
        return far.domain.createSharedReceiveQueue(
                new SharedReceiveQueueAttributes().maxRequests(8).maxElements(2).xrc(ofDomain, completions));
    }

    private void post(SendRequest request) {
        assertThat(sending.postSend(request)).as("send queue is full").isNull();
    }

    private void receive(SharedReceiveQueue queue, long wrId, int offset, int length) {
        assertThat(queue.postReceive(new ReceiveRequest(wrId, far.piece(offset, length))))
                .isNull();
    }

    @Test
    @DisplayName("each message takes a receive of the queue that it names, and completes in that queue's own")
    final void messagesChooseTheirQueue() {
        CompletionQueue firstDone = context.createCompletionQueue(8);
        CompletionQueue secondDone = context.createCompletionQueue(8);
        SharedReceiveQueue first = queue(domain, firstDone);
        SharedReceiveQueue second = queue(domain, secondDone);
        assertThat(first.number()).isNotEqualTo(second.number()).isBetween(1, 0xFFFFFF);
        receive(first, 1, 0, 100);
        receive(second, 2, 1000, 100);
        byte[] sent = near.fill(0, 100, 5);
        post(near.request(10, 0, 40).send().xrcSharedReceiveQueue(second.number()));
        post(near.request(11, 40, 60).sendWithImmediate(77).xrcSharedReceiveQueue(first.number()));
        Completions.success(near.sends, 10, WorkCompletionOpcode.SEND);
        Completions.success(near.sends, 11, WorkCompletionOpcode.SEND);
        WorkCompletion atSecond = Completions.success(secondDone, 2, WorkCompletionOpcode.RECV);
        assertThat(atSecond.byteLength()).isEqualTo(40);
        assertThat(atSecond.queuePairNumber()).isEqualTo(receiving.number());
        WorkCompletion atFirst = Completions.success(firstDone, 1, WorkCompletionOpcode.RECV);
        assertThat(atFirst.byteLength()).isEqualTo(60);
        assertThat(atFirst.immediate()).isEqualTo(77);
        assertThat(far.bytes(1000, 40)).isEqualTo(java.util.Arrays.copyOfRange(sent, 0, 40));
        assertThat(far.bytes(0, 60)).isEqualTo(java.util.Arrays.copyOfRange(sent, 40, 100));
    }

    @Test
    @DisplayName("writes, reads and atomics work as on a reliable connection; a write with immediate names a queue")
    final void memoryOperations() {
        CompletionQueue done = context.createCompletionQueue(8);
        SharedReceiveQueue queue = queue(domain, done);
        byte[] sent = near.fill(0, 64, 6);
        post(near.request(1, 0, 64).write(far.address(512), far.memory.rkey()));
        Completions.success(near.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(far.bytes(512, 64)).isEqualTo(sent);
        post(near.request(2, 128, 64).read(far.address(512), far.memory.rkey()));
        Completions.success(near.sends, 2, WorkCompletionOpcode.RDMA_READ);
        assertThat(near.bytes(128, 64)).isEqualTo(sent);
        post(near.request(3, 256, 8).fetchAndAdd(far.address(0), far.memory.rkey(), 9));
        Completions.success(near.sends, 3, WorkCompletionOpcode.FETCH_ADD);
        assertThat(far.memory.buffer().getLong(0)).isEqualTo(9);
        receive(queue, 20, 0, 0);
        post(near.request(4, 0, 64)
                .writeWithImmediate(far.address(1024), far.memory.rkey(), 5)
                .xrcSharedReceiveQueue(queue.number()));
        Completions.success(near.sends, 4, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(Completions.success(done, 20, WorkCompletionOpcode.RECV_RDMA_WITH_IMM)
                        .immediate())
                .isEqualTo(5);
    }

    @Test
    @DisplayName("an empty queue answers that it is not ready: RNR_RETRY_EXC_ERR when the retries are used up")
    final void notReady() {
        SharedReceiveQueue queue = queue(domain, context.createCompletionQueue(8));
        post(near.request(1, 0, 8).send().xrcSharedReceiveQueue(queue.number()));
        Completions.failure(near.sends, 1, WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        assertThat(receiving.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("a number that names no queue, a closed one, or one of another domain: REM_INV_REQ_ERR")
    final void wrongQueue() {
        CompletionQueue done = context.createCompletionQueue(8);
        SharedReceiveQueue elsewhere = queue(context.openXrcDomain(), done);
        receive(elsewhere, 1, 0, 100);
        post(near.request(1, 0, 8).send().xrcSharedReceiveQueue(elsewhere.number()));
        Completions.failure(near.sends, 1, WorkCompletionStatus.REM_INV_REQ_ERR);
        Completions.none(this, done);
        Deadline.await("the receiving side fails", () -> receiving.state() == QueuePairState.ERR);
    }

    @Test
    @DisplayName("a number whose queue is closed: REM_INV_REQ_ERR, and what was posted there is never written")
    final void closedQueue() {
        SharedReceiveQueue queue = queue(domain, context.createCompletionQueue(8));
        int number = queue.number();
        receive(queue, 1, 0, 100);
        queue.close();
        near.fill(0, 8, 7);
        byte[] before = far.bytes(0, 8);
        post(near.request(1, 0, 8).send().xrcSharedReceiveQueue(number));
        Completions.failure(near.sends, 1, WorkCompletionStatus.REM_INV_REQ_ERR);
        assertThat(far.bytes(0, 8)).isEqualTo(before);
    }

    @Test
    @DisplayName("a builder's batch names no queue but those that it is told")
    final void builderForgets() {
        CompletionQueue done = context.createCompletionQueue(8);
        SharedReceiveQueue queue = queue(domain, done);
        receive(queue, 1, 0, 8);
        receive(queue, 2, 0, 8);
        SendBuilder builder = sending.sendBuilder();
        builder.start();
        builder.wrId(1).flags(SendFlags.SIGNALED).send().xrcSharedReceiveQueue(queue.number());
        assertThat(builder.complete()).isTrue();
        Completions.success(near.sends, 1, WorkCompletionOpcode.SEND);
        builder.start();
        builder.wrId(2).flags(SendFlags.SIGNALED).send();
        assertThat(builder.complete()).isTrue();
        Completions.failure(near.sends, 2, WorkCompletionStatus.REM_INV_REQ_ERR);
    }

    @Test
    @DisplayName("closing the region that a message goes to waits for it, also where the queue is of another domain")
    final void closeWaitsForOtherDomains() throws Throwable {
        int bytes = 64 << 20;
        ProtectionDomain other = context.allocateProtectionDomain();
        SharedReceiveQueue queue = other.createSharedReceiveQueue(
                new SharedReceiveQueueAttributes().xrc(domain, context.createCompletionQueue(8)));
        MemoryRegion source = near.domain.allocateMemory(bytes, 0);
        MemoryRegion target = other.allocateMemory(bytes, AccessFlags.LOCAL_WRITE);
        ByteBuffer seen = target.buffer();
        source.buffer().put(bytes - 1, (byte) 1).put(0, (byte) 1);
        assertThat(queue.postReceive(new ReceiveRequest(1, new ScatterGatherElement(target))))
                .isNull();
        Deadline.Running sender = Deadline.start(
                "sends",
                () -> post(new SendRequest()
                        .sge(new ScatterGatherElement(source))
                        .flags(SendFlags.SIGNALED)
                        .xrcSharedReceiveQueue(queue.number())));
        Deadline.await("it has begun, or is done", () -> seen.get(0) == 1);
        target.close();
        byte last = seen.get(bytes - 1);
        sender.join();
        assertThat(seen.get(bytes - 1)).as("nothing is written after the close").isEqualTo(last);
    }

    @Test
    @DisplayName("the sending side only sends, the receiving side only receives: EINVAL for the other")
    final void oneDirection() {
        refused("postReceive", Errno.EINVAL, () -> sending.postReceive(new ReceiveRequest().wrId(1)));
        refused("postReceive", Errno.EINVAL, () -> receiving.postReceive(new ReceiveRequest().wrId(1)));
        refused("postSend", Errno.EINVAL, () -> receiving.postSend(new SendRequest().flags(SendFlags.SIGNALED)));
        assertThat(receiving.sendCompletionQueue()).isNull();
        assertThat(receiving.receiveCompletionQueue()).isNull();
        assertThat(sending.receiveCompletionQueue()).isNull();
        assertThat(sending.type()).isEqualTo(QueuePairType.XRC_SEND);
    }

    @Test
    @DisplayName("§2.1 the masks of both sides: what only one of them needs is refused by the other")
    final void masks() {
        QueuePair pair = near.domain.createQueuePair(
                new QueuePairInitAttributes().type(QueuePairType.XRC_SEND).sendCompletionQueue(near.sends));
        pair.modify(new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(1)
                .accessFlags(0));
        refused("modify", Errno.EINVAL, () -> pair.modify(toReceive(receiving).minRnrTimer(1)));
        pair.modify(toReceive(receiving));
        refused(
                "modify",
                Errno.EINVAL,
                () -> pair.modify(new QueuePairAttributes()
                        .state(QueuePairState.RTS)
                        .sqPsn(0)
                        .timeout(8)));
        QueuePair target = far.domain.createQueuePair(
                new QueuePairInitAttributes().type(QueuePairType.XRC_RECV).xrcDomain(domain));
        target.modify(new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(1)
                .accessFlags(0));
        refused("modify", Errno.EINVAL, () -> target.modify(toReceive(sending)));
        target.modify(toReceive(sending).maxDestReadAtomic(1).minRnrTimer(1));
        refused(
                "modify",
                Errno.EINVAL,
                () -> target.modify(new QueuePairAttributes()
                        .state(QueuePairState.RTS)
                        .sqPsn(0)
                        .timeout(8)
                        .retryCount(1)));
    }

    @Test
    @DisplayName("what does not fit together is refused at creation (EINVAL)")
    final void wrongCombinations() {
        SharedReceiveQueue queue = queue(domain, far.receives);
        String verb = "createQueuePair";
        refused(
                verb,
                Errno.EINVAL,
                () -> far.domain.createQueuePair(new QueuePairInitAttributes().type(QueuePairType.XRC_RECV)));
        refused(
                verb,
                Errno.EINVAL,
                () -> far.domain.createQueuePair(new QueuePairInitAttributes().type(QueuePairType.XRC_SEND)));
        refused(
                verb,
                Errno.EINVAL,
                () -> far.domain.createQueuePair(
                        new QueuePairInitAttributes().completionQueue(far.sends).xrcDomain(domain)));
        refused(
                verb,
                Errno.EINVAL,
                () -> far.domain.createQueuePair(
                        new QueuePairInitAttributes().completionQueue(far.sends).sharedReceiveQueue(queue)));
        refused(
                "createSharedReceiveQueue",
                Errno.EINVAL,
                () -> far.domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().xrc(domain, null)));
        refused(
                "createSharedReceiveQueue",
                Errno.EINVAL,
                () -> far.domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().xrc(null, far.receives)));
    }

    @Test
    @DisplayName("a domain, and a queue's completion queue, cannot be closed while they are used (EBUSY)")
    final void busy() {
        CompletionQueue done = context.createCompletionQueue(8);
        SharedReceiveQueue queue = queue(domain, done);
        refused("close", Errno.EBUSY, done::close);
        receiving.close();
        refused("close", Errno.EBUSY, domain::close);
        queue.close();
        domain.close();
        done.close();
    }
}
