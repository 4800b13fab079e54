package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Unreliable connections drop where reliable ones complain: verbs-semantics §2.4(4), (7), (14), §2.5. */
@Needs(Capability.UNRELIABLE_CONNECTION)
public abstract class UnreliableConformance extends DeviceConformance {
    private End a;
    private End b;

    @BeforeEach
    final void connect() {
        Pair pair = pair(new EndSpec().type(QueuePairType.UC));
        a = pair.a();
        b = pair.b();
    }

    private void isDropped(SendRequest request, WorkCompletionOpcode opcode) {
        byte[] before = b.bytes(0, 32 * 1024);
        a.post(request);
        Completions.success(a.sends, request.wrId(), opcode);
        Completions.none(this, b.receives);
        assertThat(b.bytes(0, before.length)).isEqualTo(before);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(context.threads()).as("nothing is tried again").hasSize(threadsAtRest());
    }

    private void stillWorks() {
        b.receive(1000, 0, 64);
        a.post(a.request(1001, 0, 8));
        Completions.success(a.sends, 1001, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1000, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§2.4(7) without a receive a send and a write with immediate are dropped: the sender succeeds")
    final void noReceive() {
        isDropped(a.request(1, 0, 8), WorkCompletionOpcode.SEND);
        isDropped(a.request(2, 0, 8).sendWithImmediate(1), WorkCompletionOpcode.SEND);
        a.post(a.request(3, 0, 8).writeWithImmediate(b.address(0), b.memory.rkey(), 1));
        Completions.success(a.sends, 3, WorkCompletionOpcode.RDMA_WRITE);
        Completions.none(this, b.receives);
        stillWorks();
    }

    @Test
    @DisplayName("§2.5 a write with a wrong key, right or range is dropped, and consumes no receive")
    final void wrongWrites() {
        MemoryRegion readOnly = b.domain.allocateMemory(64, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_READ);
        isDropped(a.request(1, 0, 8).write(b.address(0), b.memory.rkey() ^ 1), WorkCompletionOpcode.RDMA_WRITE);
        isDropped(a.request(2, 0, 8).write(b.address(-1), b.memory.rkey()), WorkCompletionOpcode.RDMA_WRITE);
        isDropped(a.request(3, 0, 8).write(readOnly.address(), readOnly.rkey()), WorkCompletionOpcode.RDMA_WRITE);
        isDropped(a.request(4, 0, 8).write(a.address(0), a.memory.rkey()), WorkCompletionOpcode.RDMA_WRITE);
        b.pair.modify(new org.rddma.verbs.QueuePairAttributes().accessFlags(AccessFlags.REMOTE_READ));
        isDropped(a.request(5, 0, 8).write(b.address(0), b.memory.rkey()), WorkCompletionOpcode.RDMA_WRITE);
        stillWorks();
    }

    @Test
    @DisplayName("§2.4(7) to a peer that does not exist or does not listen: the sender succeeds")
    final void noPeer() {
        b.pair.modify(to(QueuePairState.RESET));
        a.post(a.request(1, 0, 8));
        Completions.success(a.sends, 1, WorkCompletionOpcode.SEND);
        b.pair.close();
        a.post(a.request(2, 0, 8));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("§2.4(14) a message that is too long: the sender succeeds, the receiver fails by itself or drops it")
    final void tooLong() {
        byte[] before = b.fill(0, 64, 3);
        b.receive(1, 0, 15);
        a.post(a.request(2, 0, 16));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        assertThat(b.bytes(0, 64)).isEqualTo(before);
        WorkCompletion completion = new WorkCompletion();
        if (b.receives.poll(completion)) {
            assertThat(completion.status()).isEqualTo(WorkCompletionStatus.LOC_LEN_ERR);
            b.awaitState(QueuePairState.ERR);
        } else {
            assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
        }
    }

    @Test
    @DisplayName("§2.4(4) a failed send: SQE, what is behind is flushed, receiving goes on; SQE to RTS recovers")
    final void sendQueueError() {
        SendRequest behind = a.request(2, 0, 8).flags(0);
        a.post(a.request(1, -8, 8).flags(0).next(behind));
        Completions.failure(a.sends, 1, WorkCompletionStatus.LOC_PROT_ERR);
        Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
        a.awaitState(QueuePairState.SQE);
        a.post(behind.wrId(3));
        Completions.failure(a.sends, 3, WorkCompletionStatus.WR_FLUSH_ERR);
        a.receive(4, 128, 64);
        b.post(b.request(5, 0, 8));
        Completions.success(b.sends, 5, WorkCompletionOpcode.SEND);
        Completions.success(a.receives, 4, WorkCompletionOpcode.RECV);
        a.pair.modify(to(QueuePairState.RTS).currentState(QueuePairState.SQE));
        stillWorks();
    }

    @Test
    @HangGuard(seconds = 60)
    @DisplayName(
            "§2.2 SQE to RTS while the rest is still being flushed: each request ends once, in order, and as it ends")
    final void recoversDuringFlush() throws Throwable {
        int rounds = Math.max(50, load(1_000));
        int behind = 100;
        Pair pair = pair(new EndSpec().type(QueuePairType.UC).depth(128));
        End from = pair.a();
        End to = pair.b();
        AtomicBoolean done = new AtomicBoolean();
        Deadline.Running recovers = Deadline.start("recovers", () -> {
            while (!done.get()) {
                if (from.pair.state() == QueuePairState.SQE) {
                    from.pair.modify(to(QueuePairState.RTS).currentState(QueuePairState.SQE));
                }
            }
        });
        try {
            for (int round = 1; round <= rounds; round++) {
                SendRequest next = null;
                for (int id = behind; id > 0; id--) {
                    int place = 8 * id;
                    from.memory.buffer().putLong(place, round);
                    next = from.request(id, place, 8)
                            .write(to.address(place), to.memory.rkey())
                            .next(next);
                }
                from.post(from.request(0, -8, 8).next(next));
                Completions.failure(from.sends, 0, WorkCompletionStatus.LOC_PROT_ERR);
                long last = 0;
                for (int id = 1; id <= behind; id++) {
                    WorkCompletion completion = Completions.next(from.sends);
                    assertThat(completion.wrId()).isEqualTo(id);
                    if (completion.isSuccess()) {
                        last = id;
                    } else {
                        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
                        assertThat(last).as("what comes behind a success").isZero();
                    }
                }
                Deadline.await("the error is left behind", () -> from.pair.state() == QueuePairState.RTS);
            }
        } finally {
            done.set(true);
        }
        recovers.join();
        Completions.none(this, from.sends);
    }
}
