package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Room in the work queues, and chains: verbs-semantics §2.2, §2.4(3). */
public abstract class SlotConformance extends DeviceConformance {
    private static SendRequest write(Pair pair, long id, int flags) {
        return pair.a()
                .request(id, 0, 8)
                .write(pair.b().address(64), pair.b().memory.rkey())
                .flags(flags);
    }

    @Test
    @DisplayName("§2.4(3) a queue of unsignalled requests fills up for good, and a full queue is a returned value")
    final void unsignalledFills() {
        Pair pair = pair(new EndSpec().depth(8));
        int depth = pair.a().pair.capabilities().maxSendRequests();
        assertThat(depth).isGreaterThanOrEqualTo(8);
        for (int i = 0; i < depth; i++) {
            pair.a().post(write(pair, i, 0));
        }
        SendRequest refused = write(pair, 99, SendFlags.SIGNALED);
        for (int i = 0; i < 3; i++) {
            assertThat(pair.a().pair.postSend(refused)).isSameAs(refused);
        }
        Completions.none(this, pair.a().sends);
    }

    @Test
    @DisplayName("§2.4(3) a slot is free once a later signalled completion was polled, not before")
    final void freedByPolling() {
        Pair pair = pair(new EndSpec().depth(8));
        int depth = pair.a().pair.capabilities().maxSendRequests();
        SendRequest refused = write(pair, 99, SendFlags.SIGNALED);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < depth; i++) { // the signalled one in the middle frees itself and those before it
                pair.a().post(write(pair, i, i == depth / 2 || i == depth - 1 ? SendFlags.SIGNALED : 0));
            }
            assertThat(pair.a().pair.postSend(refused)).isSameAs(refused);
            Completions.success(pair.a().sends, depth / 2, WorkCompletionOpcode.RDMA_WRITE);
            for (int i = 0; i <= depth / 2; i++) {
                pair.a().post(write(pair, 100 + i, 0));
            }
            assertThat(pair.a().pair.postSend(refused)).isSameAs(refused);
            Completions.success(pair.a().sends, depth - 1, WorkCompletionOpcode.RDMA_WRITE);
            pair.a().post(refused);
            Completions.success(pair.a().sends, 99, WorkCompletionOpcode.RDMA_WRITE);
        }
    }

    @Test
    @DisplayName("§2.4(3) the slot of a receive is free once its completion was polled, not before")
    final void receiveSlots() {
        Pair pair = pair(new EndSpec().depth(4));
        int depth = pair.b().pair.capabilities().maxReceiveRequests();
        ReceiveRequest refused = new ReceiveRequest(99, pair.b().piece(0, 8));
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < depth; i++) {
                pair.b().receive(i, 0, 8);
            }
            assertThat(pair.b().pair.postReceive(refused)).isSameAs(refused);
            for (int i = 0; i < depth; i++) {
                pair.a().post(pair.a().request(i, 0, 8));
                Completions.success(pair.a().sends, i, WorkCompletionOpcode.SEND);
            }
            assertThat(pair.b().pair.postReceive(refused))
                    .as("delivered, but not polled")
                    .isSameAs(refused);
            for (int i = 0; i < depth; i++) {
                Completions.success(pair.b().receives, i, WorkCompletionOpcode.RECV);
            }
        }
    }

    @Test
    @DisplayName("§2.2 a queue that was made for no requests is always full")
    final void noRequests() {
        End end = new End(context, new EndSpec().depth(0));
        assertThat(end.pair.capabilities().maxSendRequests()).isZero();
        assertThat(end.pair.capabilities().maxReceiveRequests()).isZero();
        new Wiring().connect(end, end);
        SendRequest send = new SendRequest();
        ReceiveRequest receive = new ReceiveRequest();
        assertThat(end.pair.postSend(send)).isSameAs(send);
        assertThat(end.pair.postReceive(receive)).isSameAs(receive);
    }

    @Test
    @DisplayName("§2.2 a chain: posted in order; the first that does not fit is returned, those before it are posted")
    final void chains() {
        Pair pair = pair(new EndSpec().depth(4));
        int depth = pair.a().pair.capabilities().maxSendRequests();
        int receiveDepth = pair.b().pair.capabilities().maxReceiveRequests();
        ReceiveRequest[] receives = new ReceiveRequest[receiveDepth + 2];
        for (int i = receiveDepth + 1; i >= 0; i--) {
            receives[i] =
                    new ReceiveRequest(i, pair.b().piece(64 * i, 64)).next(i > receiveDepth ? null : receives[i + 1]);
        }
        SendRequest[] sends = new SendRequest[depth + 2];
        for (int i = depth + 1; i >= 0; i--) {
            sends[i] = pair.a().request(100 + i, 0, i).next(i > depth ? null : sends[i + 1]);
        }
        assertThat(pair.b().pair.postReceive(receives[0])).isSameAs(receives[receiveDepth]);
        assertThat(pair.a().pair.postSend(sends[0])).isSameAs(sends[depth]);
        for (int i = 0; i < depth; i++) {
            Completions.success(pair.a().sends, 100 + i, WorkCompletionOpcode.SEND);
            assertThat(Completions.success(pair.b().receives, i, WorkCompletionOpcode.RECV)
                            .byteLength())
                    .isEqualTo(i);
        }
        assertThat(pair.b().pair.postReceive(receives[receiveDepth])).isNull();
        assertThat(pair.a().pair.postSend(sends[depth])).isNull();
        Completions.success(pair.a().sends, 100 + depth, WorkCompletionOpcode.SEND);
        Completions.success(pair.a().sends, 101 + depth, WorkCompletionOpcode.SEND);
    }

    @Test
    @DisplayName(
            "§2.2 a bad request in a chain is named (EINVAL); those before it are executed, it and the rest are not")
    final void badInTheMiddle() {
        Pair pair = pair(new EndSpec().elements(2));
        End a = pair.a();
        End b = pair.b();
        SendRequest last = a.request(4, 0, 8);
        SendRequest bad = a.request(3, 0, -1).next(last);
        SendRequest first = a.request(1, 0, 8).next(a.request(2, 0, 8).next(bad));
        for (int i = 0; i < 4; i++) {
            b.receive(i, 0, 8);
        }
        VerbsException refusal = refused("postSend", Errno.EINVAL, () -> a.pair.postSend(first));
        assertThat(refusal.badRequest()).containsSame(bad);
        Completions.success(a.sends, 1, WorkCompletionOpcode.SEND);
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.none(this, a.sends);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
        Completions.take(b.receives, 2);
        Completions.none(this, b.receives);
        a.post(last); // the queue works on
        Completions.success(a.sends, 4, WorkCompletionOpcode.SEND);

        ReceiveRequest badReceive =
                new ReceiveRequest(11, b.piece(0, 8)).sges(b.piece(0, 1), b.piece(0, 1), b.piece(0, 1));
        ReceiveRequest good = new ReceiveRequest(10, b.piece(0, 8)).next(badReceive.next(new ReceiveRequest()));
        refusal = refused("postReceive", Errno.EINVAL, () -> b.pair.postReceive(good));
        assertThat(refusal.badRequest()).containsSame(badReceive);
        b.pair.modify(to(QueuePairState.ERR));
        assertThat(Completions.next(b.receives).isSuccess()).isTrue(); // of request 4
        Completions.failure(b.receives, 3, WorkCompletionStatus.WR_FLUSH_ERR);
        Completions.failure(b.receives, 10, WorkCompletionStatus.WR_FLUSH_ERR);
        Completions.none(this, b.receives);
    }

    @Test
    @DisplayName("§3 requests may be changed and reused as soon as the post returns")
    final void reuse() {
        Pair pair = pair(new EndSpec());
        SendRequest request = pair.a().request(0, 0, 0);
        ReceiveRequest receive = new ReceiveRequest(0, pair.b().piece(0, 64));
        pair.a().pair.modify(to(QueuePairState.SQD));
        for (int i = 0; i < 10; i++) {
            receive.wrId(i).sge(0).set(pair.b().memory, 100 * i, 64);
            pair.b().receive(receive);
            pair.a().fill(64 * i, i, i);
            request.wrId(100 + i).sge(0).set(pair.a().memory, 64 * i, i);
            pair.a().post(request);
        }
        request.wrId(-1).flags(0).sge(0).set(0, 0, 0);
        receive.wrId(-1).sge(0).set(0, 0, 0);
        pair.a().pair.modify(to(QueuePairState.RTS));
        for (int i = 0; i < 10; i++) {
            Completions.success(pair.a().sends, 100 + i, WorkCompletionOpcode.SEND);
            WorkCompletion completion = Completions.success(pair.b().receives, i, WorkCompletionOpcode.RECV);
            assertThat(completion.byteLength()).isEqualTo(i);
            assertThat(pair.b().bytes(100 * i, i)).isEqualTo(pair.a().bytes(64 * i, i));
        }
    }

    /** How many messages a race gets: fewer where each takes long. */
    protected int manyMessages() {
        return load(200_000);
    }

    @Test
    @DisplayName("§2.4(3) a slot is free as soon as its completion was polled, also when another thread delivers")
    final void freeAsSoonAsPolled() throws Throwable {
        int messages = manyMessages();
        Pair pair = pair(new EndSpec().depth(8), new Wiring().rnrRetries(7));
        int depth = pair.b().pair.capabilities().maxReceiveRequests();
        for (int i = 0; i < depth; i++) {
            pair.b().receive(i, 0, 8);
        }
        java.util.concurrent.atomic.AtomicInteger credits = new java.util.concurrent.atomic.AtomicInteger(depth);
        Deadline.Running receiver = Deadline.start("receives", () -> {
            ReceiveRequest again = new ReceiveRequest(1, pair.b().piece(0, 8));
            WorkCompletion completion = new WorkCompletion();
            for (int i = 0; i < messages; i++) {
                Deadline.await("a message", () -> pair.b().receives.poll(completion));
                assertThat(pair.b().pair.postReceive(again))
                        .as("no room for a receive, of which %d were polled", i + 1)
                        .isNull();
                credits.incrementAndGet();
            }
        });
        SendRequest send = pair.a().request(1, 0, 8);
        WorkCompletion sent = new WorkCompletion();
        for (int i = 0; i < messages && receiver.isAlive(); i++) {
            Deadline.await("a receive", () -> credits.get() > 0 || !receiver.isAlive());
            credits.decrementAndGet();
            pair.a().post(send);
            Deadline.await("a completion", () -> pair.a().sends.poll(sent) || !receiver.isAlive());
        }
        receiver.join();
    }

    @Needs(Capability.ATOMICS)
    @Test
    @HangGuard(seconds = 90)
    @DisplayName("§2.2 two threads post to one queue pair: every request is executed once")
    final void twoPosters() throws Throwable {
        int each = load(20_000);
        Pair pair = pair(new EndSpec().depth(32));
        long[] counts = new long[2];
        Deadline.Running[] posters = new Deadline.Running[2];
        for (int t = 0; t < 2; t++) {
            int me = t;
            posters[t] = Deadline.start("posts, " + t, () -> {
                SendRequest add = pair.a()
                        .request(me, 8 * me, 8)
                        .fetchAndAdd(pair.b().address(64 * me), pair.b().memory.rkey(), 1);
                for (int i = 0; i < each; ) {
                    if (pair.a().pair.postSend(add) == null) {
                        i++;
                    } else {
                        Thread.yield();
                    }
                }
            });
        }
        WorkCompletion completion = new WorkCompletion();
        Deadline.await("all completions", Duration.ofSeconds(60), () -> {
            while (pair.a().sends.poll(completion)) {
                assertThat(completion.isSuccess()).isTrue();
                counts[(int) completion.wrId()]++;
            }
            return counts[0] == each && counts[1] == each;
        });
        posters[0].join();
        posters[1].join();
        assertThat(pair.b().memory.buffer().getLong(0)).isEqualTo(each);
        assertThat(pair.b().memory.buffer().getLong(64)).isEqualTo(each);
        Completions.none(this, pair.a().sends);
    }
}
