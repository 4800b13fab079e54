package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Requests that find no receive or no peer: verbs-semantics §2.4(7), §2.5. */
public abstract class RetryConformance extends DeviceConformance {
    @Test
    @DisplayName("§2.4(7) no receive: the sender waits, and goes on when one is posted")
    final void receiveComesLater() {
        for (boolean write : new boolean[] {false, true}) {
            Pair pair = pair(new EndSpec(), new Wiring().rnrRetries(7));
            SendRequest request = pair.a().request(1, 0, 8);
            if (write) {
                request.writeWithImmediate(pair.b().address(0), pair.b().memory.rkey(), 1);
            }
            SendRequest behind = pair.a()
                    .request(2, 0, 8)
                    .write(pair.b().address(64), pair.b().memory.rkey());
            pair.a().post(request);
            pair.a().post(behind);
            Deadline.await("a thread that retries", () -> context.threads().size() > threadsAtRest());
            assertThat(context.threads())
                    .allSatisfy(thread -> assertThat(thread.getName()).startsWith(threadPrefix()));
            assertThat(pair.a().sends.poll(new org.rddma.verbs.WorkCompletion()))
                    .as("nothing may complete before the receive, neither this nor what is behind")
                    .isFalse();
            pair.b().receive(3, 128, 8);
            Completions.success(pair.a().sends, 1, write ? WorkCompletionOpcode.RDMA_WRITE : WorkCompletionOpcode.SEND);
            Completions.success(pair.a().sends, 2, WorkCompletionOpcode.RDMA_WRITE);
            Completions.success(
                    pair.b().receives, 3, write ? WorkCompletionOpcode.RECV_RDMA_WITH_IMM : WorkCompletionOpcode.RECV);
        }
    }

    @Test
    @DisplayName(
            "§2.4(7) no receive, and no retries left: RNR_RETRY_EXC_ERR after as many as were allowed; the peer lives")
    final void rnrRetriesExhausted() {
        for (int retries : new int[] {0, 1, 6}) {
            int timer = 14; // 1.28 ms
            Pair pair = pair(new EndSpec(), new Wiring().rnrRetries(retries).minRnrTimer(timer));
            long start = System.nanoTime();
            pair.a().post(pair.a().request(1, 0, 8).flags(0));
            pair.a().post(pair.a().request(2, 0, 8));
            Completions.failure(pair.a().sends, 1, WorkCompletionStatus.RNR_RETRY_EXC_ERR);
            assertThat(System.nanoTime() - start)
                    .as("each retry waits as long as the peer says")
                    .isGreaterThanOrEqualTo(retries * 1_280_000L);
            Completions.failure(pair.a().sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
            pair.a().awaitState(QueuePairState.ERR);
            assertThat(pair.b().pair.state()).isEqualTo(QueuePairState.RTS);
            pair.b().receive(3, 0, 8);
            Completions.none(this, pair.b().receives);
        }
    }

    @Test
    @DisplayName("§2.5 retry counters start anew with every request that succeeds")
    final void countersReset() {
        Pair pair = pair(new EndSpec(), new Wiring().rnrRetries(2).minRnrTimer(28)); // 163.84 ms
        for (int i = 0; i < 3; i++) {
            pair.a().post(pair.a().request(i, 0, 8));
            Deadline.await("a thread that retries", () -> context.threads().size() > threadsAtRest());
            pair.b().receive(i, 0, 8); // within the first wait: each message uses up one retry at least
            Completions.success(pair.a().sends, i, WorkCompletionOpcode.SEND);
            Completions.success(pair.b().receives, i, WorkCompletionOpcode.RECV);
        }
    }

    @Test
    @DisplayName("§2.4(7) plain writes, reads and atomics need no receive")
    final void noReceiveNeeded() {
        Pair pair = pair(new EndSpec(), new Wiring().rnrRetries(0));
        End b = pair.b();
        End a = pair.a();
        a.post(a.request(1, 0, 8).write(b.address(0), b.memory.rkey()));
        assertThat(Completions.next(a.sends).isSuccess()).isTrue();
        SendRequest[] others = {
            a.request(2, 0, 8).read(b.address(0), b.memory.rkey()),
            a.request(3, 0, 8).fetchAndAdd(b.address(0), b.memory.rkey(), 1)
        };
        for (SendRequest request : others) {
            if (!refusesOpcode(a, request)) {
                a.post(request);
                assertThat(Completions.next(a.sends).isSuccess()).isTrue();
            }
        }
    }

    private void unreachable(String what, End a, Runnable post) {
        long start = System.nanoTime();
        post.run();
        Completions.failure(a.sends, 1, WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(System.nanoTime() - start)
                .as("%s: two retries of a timeout each", what)
                .isGreaterThanOrEqualTo(Duration.ofNanos(2 * 4096 << 8).toNanos());
        a.awaitState(QueuePairState.ERR);
    }

    @Test
    @DisplayName("§2.5 RETRY_EXC_ERR: no such queue pair, or no such port")
    final void noPeer() {
        Wiring wiring = new Wiring();
        End nowhere = new End(context, new EndSpec());
        wiring.toInit(nowhere.pair);
        wiring.toReceive(nowhere.pair, Wiring.gidOf(context), 0xFFFFFF);
        wiring.toSend(nowhere.pair);
        unreachable("number", nowhere, () -> nowhere.post(nowhere.request(1, 0, 8)));
        End lost = new End(context, new EndSpec());
        wiring.toInit(lost.pair);
        wiring.toReceive(lost.pair, new Gid(0x1234, 0x5678), lost.pair.number());
        wiring.toSend(lost.pair);
        unreachable("GID", lost, () -> lost.post(lost.request(1, 0, 8).write(lost.address(0), lost.memory.rkey())));
    }

    @Test
    @DisplayName(
            "§2.5 RETRY_EXC_ERR: the peer is in RESET, INIT or ERR, gone, connected to another, or of another type")
    final void deafPeer() {
        Wiring wiring = new Wiring();
        for (String how : new String[] {"RESET", "INIT", "ERR", "closed", "other peer", "other PSN", "other type"}) {
            if (how.equals("other type") && !has(Capability.UNRELIABLE_CONNECTION)
                    || how.equals("other peer") && !knowsSender()) {
                continue;
            }
            End a = new End(context, new EndSpec());
            EndSpec spec = new EndSpec();
            if (how.equals("other type")) {
                spec.type(org.rddma.verbs.QueuePairType.UC);
            }
            End b = far(spec);
            wiring.toInit(a.pair);
            wiring.toReceive(a.pair, Wiring.gidOf(b.context), b.pair.number());
            wiring.toSend(a.pair);
            if (!how.equals("RESET")) {
                wiring.toInit(b.pair);
            }
            switch (how) {
                case "ERR" -> b.pair.modify(to(QueuePairState.ERR));
                case "closed" -> b.pair.close();
                case "other peer" -> wiring.toReceive(b.pair, Wiring.gidOf(context), a.pair.number() + 1);
                case "other PSN" ->
                    b.pair.modify(wiring.receiveOf(b.pair.type(), Wiring.gidOf(context), a.pair.number())
                            .rqPsn(Wiring.PSN + 7));
                case "other type" -> wiring.toReceive(b.pair, Wiring.gidOf(context), a.pair.number());
                default -> {}
            }
            if (how.equals("INIT") || how.startsWith("other")) {
                b.receive(9, 0, 64);
            }
            unreachable(how, a, () -> a.post(a.request(1, 0, 8).flags(0)));
            Completions.none(this, b.receives);
        }
    }

    @Test
    @DisplayName("§2.4(7) a peer that comes within the retries is found: the message arrives once")
    final void peerComesLater() {
        Wiring wiring = new Wiring().timeout(15, 7); // seven times 134 ms
        End a = new End(context, new EndSpec());
        End b = far(new EndSpec());
        wiring.toInit(a.pair);
        wiring.toReceive(a.pair, Wiring.gidOf(b.context), b.pair.number());
        wiring.toSend(a.pair);
        wiring.toInit(b.pair);
        b.receive(1, 0, 64);
        a.post(a.request(2, 0, 8));
        wiring.toReceive(b.pair, Wiring.gidOf(context), a.pair.number());
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        b.receive(3, 0, 64);
        Completions.none(this, b.receives);
    }

    @Test
    @DisplayName("§2.1 timeout 0 waits for ever; ERR ends the wait with a flush, closing without a completion")
    final void endlessWait() {
        Wiring wiring = new Wiring().timeout(0, 0);
        for (boolean close : new boolean[] {false, true}) {
            End a = new End(context, new EndSpec());
            wiring.toInit(a.pair);
            wiring.toReceive(a.pair, Wiring.gidOf(context), 0xFFFFFF);
            wiring.toSend(a.pair);
            a.post(a.request(1, 0, 8).flags(0));
            a.post(a.request(2, 0, 8).flags(SendFlags.SIGNALED));
            Completions.none(Duration.ofMillis(30), a.sends);
            if (close) {
                a.pair.close();
                Completions.none(this, a.sends);
            } else {
                a.pair.modify(to(QueuePairState.ERR));
                Completions.failure(a.sends, 1, WorkCompletionStatus.WR_FLUSH_ERR);
                Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
            }
        }
    }

    @Test
    @DisplayName("§1 the threads of a context are there only while something must be retried")
    final void threadsComeAndGo() {
        Pair pair = pair(new EndSpec().withChannel());
        for (int i = 0; i < 100; i++) {
            pair.b().receive(i, 0, 64);
            pair.b().receives.requestNotify(org.rddma.verbs.NotificationType.ANY);
            pair.a().post(pair.a().request(i, 0, 64));
            assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
            assertThat(Completions.next(pair.b().receives).isSuccess()).isTrue();
            assertEvent(pair.b().channel, pair.b().receives);
        }
        Deadline.await("nothing to retry", () -> context.threads().size() == threadsAtRest());
        pair.a().post(pair.a().request(1, 0, 64));
        Deadline.await("a thread that retries", () -> context.threads().size() > threadsAtRest());
        pair.b().receive(1, 0, 64);
        assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
        Deadline.await("the thread goes", () -> context.threads().size() == threadsAtRest());
    }

    @Test
    @DisplayName("§2.5 between its tries the sender waits as long as the receiver asks: not longer by far")
    final void waitsAsAsked() {
        End a = pair(new EndSpec(), new Wiring().minRnrTimer(1).rnrRetries(6)).a(); // 10 microseconds
        a.post(a.request(1, 0, 8));
        assertThat(Completions.next(a.sends, Duration.ofSeconds(3)).status()) // code 0 would be four seconds
                .isEqualTo(WorkCompletionStatus.RNR_RETRY_EXC_ERR);
    }
}
