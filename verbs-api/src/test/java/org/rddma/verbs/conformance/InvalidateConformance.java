package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Keys that are taken back, by their owner and by the peer: verbs-semantics §2.3, §2.4(11), §2.6. */
@Needs({Capability.INVALIDATE, Capability.MEMORY_WINDOW_TYPE_2})
public abstract class InvalidateConformance extends WindowSuite {
    private MemoryWindow window;
    private int rkey;

    @BeforeEach
    final void bindWindow() {
        window = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        rkey = bind(window, showing(0, 64, RIGHTS));
    }

    private void deadKey(int key) {
        guest.post(guest.request(2, 0, 8).write(host.address(0), key));
        Completions.failure(guest.sends, 2, WorkCompletionStatus.REM_ACCESS_ERR);
    }

    @Test
    @DisplayName("§2.6 invalidated by the owner: it completes as LOCAL_INV, and the key opens nothing any more")
    final void local() {
        writes(rkey, 0, 64);
        host.post(new SendRequest().wrId(9).flags(SendFlags.SIGNALED).invalidateLocal(rkey));
        Completions.success(host.sends, 9, WorkCompletionOpcode.LOCAL_INV);
        deadKey(rkey);
    }

    @Test
    @DisplayName("§2.6 an invalidated window can be bound again, to something else; its former region can be closed")
    final void boundAgain() {
        MemoryRegion region = host.domain.allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
        for (int round = 0; round < 300; round++) { // the low byte of the key goes round
            host.post(new SendRequest().wrId(9).flags(SendFlags.SIGNALED).invalidateLocal(window.rkey()));
            Completions.success(host.sends, 9, WorkCompletionOpcode.LOCAL_INV);
            bind(window, round % 2 == 0 ? showing(region, 0, 64, RIGHTS) : showing(0, 64, RIGHTS));
        }
        region.close();
        writes(window.rkey(), 0, 64);
    }

    @Test
    @DisplayName(
            "§2.4(11) a send with invalidate: data as with any send, the key in the receive's completion, and dead")
    final void byPeer() {
        byte[] sent = guest.fill(0, 20, 3);
        host.receive(4, 1024, 64);
        guest.post(guest.request(5, 0, 20).sendWithInvalidate(rkey));
        Completions.success(guest.sends, 5, WorkCompletionOpcode.SEND);
        WorkCompletion receive = Completions.success(host.receives, 4, WorkCompletionOpcode.RECV);
        assertThat(receive.hasInvalidated()).isTrue();
        assertThat(receive.flags() & WorkCompletionFlags.WITH_INV).isNotZero();
        assertThat(receive.invalidatedRkey()).isEqualTo(rkey);
        assertThat(receive.hasImmediate()).isFalse();
        assertThat(receive.byteLength()).isEqualTo(20);
        assertThat(host.bytes(1024, 20)).isEqualTo(sent);
        deadKey(rkey);
    }

    @Test
    @DisplayName("§2.6 invalidated by the peer, the window is free: it can be bound again at once")
    final void boundAgainAfterPeer() {
        for (int round = 0; round < 20; round++) {
            host.receive(4, 1024, 64);
            guest.post(guest.request(5, 0, 0).sendWithInvalidate(window.rkey()));
            Completions.success(guest.sends, 5, WorkCompletionOpcode.SEND);
            assertThat(Completions.success(host.receives, 4, WorkCompletionOpcode.RECV)
                            .invalidatedRkey())
                    .isEqualTo(window.rkey());
            bind(window, showing(0, 64, RIGHTS));
            writes(window.rkey(), 0, 64);
        }
    }

    @Test
    @DisplayName("§2.4(11) other sends do not claim to have invalidated anything")
    final void othersDoNot() {
        host.receive(4, 1024, 64);
        host.receive(5, 1024, 64);
        guest.post(guest.request(6, 0, 8));
        guest.post(guest.request(7, 0, 8).sendWithImmediate(rkey));
        for (int id = 4; id <= 5; id++) {
            assertThat(Completions.success(host.receives, id, WorkCompletionOpcode.RECV)
                            .hasInvalidated())
                    .isFalse();
            Completions.success(guest.sends, 2 + id, WorkCompletionOpcode.SEND);
        }
        writes(rkey, 0, 64);
    }

    @Test
    @DisplayName(
            "§2.5 LOC_QP_OP_ERR: an unknown key, one that is invalid already, or the own region's; what is behind flushes")
    final void wrongLocalKeys() {
        for (int i = 0; i < 4; i++) {
            connectAgain();
            bindWindow();
            int[] wrong = {0, rkey ^ 0x100, MemoryWindow.incrementRkey(rkey), 0xDEADBEEF};
            host.post(new SendRequest().wrId(9).invalidateLocal(wrong[i]));
            host.post(host.request(10, 0, 8).flags(0));
            Completions.failure(host.sends, 9, WorkCompletionStatus.LOC_QP_OP_ERR);
            Completions.failure(host.sends, 10, WorkCompletionStatus.WR_FLUSH_ERR);
            host.awaitState(QueuePairState.ERR);
        }
    }

    @Test
    @DisplayName("§2.5 a peer that names a key which is not there: the receive fails, and the receiver's queue pair")
    final void wrongKeysOfPeer() {
        for (int i = 0; i < 3; i++) {
            connectAgain();
            bindWindow();
            int[] wrong = {0, MemoryWindow.incrementRkey(rkey), host.memory.rkey()};
            host.receive(4, 1024, 64);
            guest.post(guest.request(5, 0, 8).sendWithInvalidate(wrong[i]));
            WorkCompletion receive = Completions.next(host.receives);
            assertThat(receive.isSuccess()).as("%s", receive).isFalse();
            host.awaitState(QueuePairState.ERR);
            WorkCompletion unused = Completions.next(guest.sends); // either way
        }
        connectAgain();
        bindWindow();
        writes(rkey, 0, 64); // a peer on another queue pair cannot take it away
        End other = new End(context, new EndSpec());
        QueuePair second = host.createPair(new EndSpec());
        new Wiring().connect(other.pair, second);
        assertThat(second.postReceive(new ReceiveRequest(6, host.piece(1024, 64))))
                .isNull();
        other.post(other.request(7, 0, 8).sendWithInvalidate(rkey));
        assertThat(Completions.next(host.receives).isSuccess()).isFalse();
        writes(rkey, 0, 64);
    }

    @Test
    @DisplayName("§2.4(6) it is executed in its turn: what was posted before still uses the key")
    final void inOrder() {
        QueuePair loop = host.createPair(new EndSpec());
        new Wiring().connect(loop, loop);
        MemoryWindow own = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        int key = MemoryWindow.incrementRkey(own.rkey());
        SendRequest last = host.request(4, 0, 8).write(host.address(32), key);
        SendRequest invalidate = new SendRequest()
                .wrId(3)
                .flags(SendFlags.SIGNALED)
                .invalidateLocal(key)
                .next(last);
        SendRequest write = host.request(2, 0, 8).write(host.address(32), key).next(invalidate);
        SendRequest first = new SendRequest()
                .wrId(1)
                .flags(SendFlags.SIGNALED)
                .bindMemoryWindow(own, key, showing(0, 64, RIGHTS))
                .next(write);
        assertThat(loop.postSend(first)).isNull();
        Completions.success(host.sends, 1, WorkCompletionOpcode.BIND_MW);
        Completions.success(host.sends, 2, WorkCompletionOpcode.RDMA_WRITE);
        Completions.success(host.sends, 3, WorkCompletionOpcode.LOCAL_INV);
        WorkCompletion refused = Completions.next(host.sends);
        assertThat(refused.wrId()).isEqualTo(4);
        if (completesInPost()) {
            assertThat(refused.status()).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
        } else { // as responder the queue pair knows it before it hears it from itself
            assertThat(refused.status()).isIn(WorkCompletionStatus.REM_ACCESS_ERR, WorkCompletionStatus.WR_FLUSH_ERR);
        }
    }

    @Test
    @DisplayName("§2.3 elements, and inline flags, have no place in a local invalidation (EINVAL)")
    final void refusedPosts() {
        SendRequest[] wrong = {
            host.request(1, 0, 8).invalidateLocal(rkey),
            new SendRequest().flags(SendFlags.INLINE).invalidateLocal(rkey),
        };
        for (SendRequest request : wrong) {
            assertThat(refused("postSend", Errno.EINVAL, () -> host.pair.postSend(request))
                            .badRequest())
                    .containsSame(request);
        }
        writes(rkey, 0, 64);
    }

    @Test
    @Needs(Capability.DATAGRAM)
    @DisplayName("§2.3 datagrams can neither invalidate here nor there (EINVAL)")
    final void datagrams() {
        End end = new End(context, new EndSpec().type(QueuePairType.UD));
        new Wiring().activate(end.pair);
        var handle = end.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context)));
        SendRequest[] wrong = {
            end.request(1, 0, 8).sendWithInvalidate(rkey).datagram(handle, end.pair.number(), Wiring.QKEY),
            new SendRequest().invalidateLocal(rkey).datagram(handle, end.pair.number(), Wiring.QKEY),
        };
        for (SendRequest request : wrong) {
            refused("postSend", Errno.EINVAL, () -> end.pair.postSend(request));
        }
    }

    @Test
    @DisplayName("§1.11(7) SOLICITED counts on a send with invalidate; without it, it is unsolicited")
    final void solicited() {
        CompletionChannel channel = host.context.createCompletionChannel();
        CompletionQueue queue = host.context.createCompletionQueue(
                new CompletionQueueAttributes().entries(16).channel(channel));
        QueuePair armed = host.domain.createQueuePair(
                new QueuePairInitAttributes().completionQueue(queue).maxReceiveRequests(4));
        End far = new End(context, new EndSpec());
        new Wiring().connect(far.pair, armed);
        for (boolean solicited : new boolean[] {false, true}) {
            MemoryWindow one = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
            int key = MemoryWindow.incrementRkey(one.rkey());
            assertThat(armed.postSend(new SendRequest()
                            .wrId(1)
                            .flags(SendFlags.SIGNALED)
                            .bindMemoryWindow(one, key, showing(0, 8, RIGHTS))))
                    .isNull();
            Completions.success(queue, 1, WorkCompletionOpcode.BIND_MW);
            assertThat(armed.postReceive(new ReceiveRequest(2, host.piece(1024, 64))))
                    .isNull();
            queue.requestNotify(NotificationType.SOLICITED);
            far.post(far.request(3, 0, 8)
                    .sendWithInvalidate(key)
                    .flags(SendFlags.SIGNALED | (solicited ? SendFlags.SOLICITED : 0)));
            Completions.success(queue, 2, WorkCompletionOpcode.RECV);
            if (solicited) {
                assertOneEvent(channel, queue);
            } else {
                assertNoEvent(channel);
            }
        }
    }
}
