package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Draining a send queue: verbs-semantics §2.1, §2.2. */
public abstract class DrainConformance extends DeviceConformance {
    /** How long nothing must happen. */
    private static final Duration MOMENT = Duration.ofMillis(5);

    private static QueuePairAttributes drain() {
        return to(QueuePairState.SQD).sqdAsyncNotify(true);
    }

    private void isDrained(QueuePair pair) {
        AsyncEvent event = AsyncEvents.next(context, AsyncEventType.SQ_DRAINED);
        assertThat(event.queuePair()).isSameAs(pair);
        assertThat(event.completionQueue()).isNull();
        event.acknowledge();
        assertThat(pair.query().draining()).isFalse();
        assertThat(pair.state()).isEqualTo(QueuePairState.SQD);
    }

    /** A pair of which the first end has begun a send that waits for a receive. */
    private Pair waiting() {
        Pair pair = pair(new EndSpec(), new Wiring().minRnrTimer(10));
        pair.a().post(pair.a().request(1, 0, 8));
        return pair;
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName("§2.2 with nothing begun the queue is drained at once, and the event says so, if it was asked for")
    final void idle(QueuePairType type) {
        Pair pair = pair(new EndSpec().type(type));
        QueuePair drained = pair.a().pair;
        drained.modify(drain());
        isDrained(drained);
        AsyncEvents.none(this, context);
        drained.modify(to(QueuePairState.RTS));
        drained.modify(to(QueuePairState.SQD).sqdAsyncNotify(false));
        assertThat(drained.query().draining()).isFalse();
        AsyncEvents.none(this, context);
        drained.modify(to(QueuePairState.RTS));
        drained.modify(drain());
        isDrained(drained);
    }

    @Test
    @DisplayName("§2.2 what was begun is finished, what is queued is not started; then the event; RTS goes on")
    final void begun() {
        Pair pair = waiting();
        End a = pair.a();
        a.pair.modify(drain());
        assertThat(a.pair.query().draining()).isTrue();
        a.post(a.request(2, 0, 8));
        AsyncEvents.none(this, context);
        pair.b().receive(10, 64, 8);
        pair.b().receive(11, 64, 8);
        Completions.success(a.sends, 1, WorkCompletionOpcode.SEND);
        isDrained(a.pair);
        Completions.success(pair.b().receives, 10, WorkCompletionOpcode.RECV);
        Completions.none(MOMENT, a.sends);
        Completions.none(MOMENT, pair.b().receives);
        a.pair.modify(to(QueuePairState.RTS));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(pair.b().receives, 11, WorkCompletionOpcode.RECV);
        AsyncEvents.none(this, context);
    }

    @Test
    @DisplayName("§2.2 what was queued behind the begun one before SQD is not started either")
    final void queuedBefore() {
        assumeFalse(sendsAhead(), "what is queued behind a request that waits is begun here, too");
        Pair pair = waiting();
        End a = pair.a();
        a.post(a.request(2, 0, 8).write(pair.b().address(128), pair.b().memory.rkey()));
        a.pair.modify(drain());
        pair.b().receive(10, 64, 8);
        Completions.success(a.sends, 1, WorkCompletionOpcode.SEND);
        isDrained(a.pair);
        Completions.none(MOMENT, a.sends);
        a.pair.modify(to(QueuePairState.RTS));
        Completions.success(a.sends, 2, WorkCompletionOpcode.RDMA_WRITE);
    }

    @Test
    @DisplayName("§2.1 while it drains only ERR and RESET are accepted (EINVAL otherwise), and nothing changes")
    final void onlyErrAndReset() {
        for (QueuePairState way : new QueuePairState[] {QueuePairState.ERR, QueuePairState.RESET}) {
            Pair pair = waiting();
            End a = pair.a();
            a.pair.modify(drain());
            QueuePairAttributes before = a.pair.query();
            QueuePairAttributes[] wrong = {
                to(QueuePairState.RTS),
                to(QueuePairState.RTS).currentState(QueuePairState.SQD),
                to(QueuePairState.SQD),
                new QueuePairAttributes().timeout(9),
            };
            for (QueuePairAttributes attributes : wrong) {
                refused("modify", Errno.EINVAL, () -> a.pair.modify(attributes));
                assertThat(a.pair.query()).usingRecursiveComparison().isEqualTo(before);
            }
            a.post(a.request(2, 0, 8).flags(0));
            a.pair.modify(to(way));
            assertThat(a.pair.state()).isEqualTo(way);
            if (way == QueuePairState.ERR) {
                Completions.failure(a.sends, 1, WorkCompletionStatus.WR_FLUSH_ERR);
                Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
            }
            Completions.none(this, a.sends);
            AsyncEvents.none(this, context);
            assertThat(a.pair.query().draining()).isFalse();
        }
    }

    @Test
    @DisplayName("§2.1 once drained, the path and the timers may be changed, and hold when it goes on")
    final void changesWhileDrained() {
        Pair pair = waiting();
        End a = pair.a();
        a.pair.modify(drain());
        pair.b().receive(10, 64, 8);
        Completions.success(a.sends, 1, WorkCompletionOpcode.SEND);
        isDrained(a.pair);
        a.pair.modify(
                new QueuePairAttributes().timeout(9).retryCount(1).rnrRetry(0).minRnrTimer(3));
        QueuePairAttributes now = a.pair.query();
        assertThat(now.timeout()).isEqualTo(9);
        assertThat(now.rnrRetry()).isZero();
        assertThat(now.state()).isEqualTo(QueuePairState.SQD);
        AsyncEvents.none(this, context); // it has been said
        a.pair.modify(to(QueuePairState.RTS).currentState(QueuePairState.SQD));
        pair.b().pair.modify(new QueuePairAttributes().minRnrTimer(31)); // half a second a try
        a.post(a.request(2, 0, 8));
        assertThat(Completions.next(a.sends, Duration.ofSeconds(3)).status())
                .as("at once: no more tries, where there were seven")
                .isEqualTo(WorkCompletionStatus.RNR_RETRY_EXC_ERR);
    }

    @Test
    @DisplayName(
            "§2.4(4) what fails while it drains takes the queue pair to ERR and flushes the rest, without the event")
    final void failsWhileDraining() {
        Pair pair = pair(new EndSpec(), new Wiring().rnrRetries(1).minRnrTimer(31)); // 491 ms
        End a = pair.a();
        a.post(a.request(1, 0, 8));
        a.pair.modify(drain());
        a.post(a.request(2, 0, 8));
        Completions.failure(a.sends, 1, WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
        a.awaitState(QueuePairState.ERR);
        AsyncEvents.none(this, context);
        assertThat(a.pair.query().draining()).isFalse();
    }

    @Test
    @DisplayName("§2.2 a queue that drains still receives, and answers reads and writes")
    final void receives() {
        Pair pair = waiting();
        End a = pair.a();
        End b = pair.b();
        a.pair.modify(drain());
        a.receive(20, 256, 64);
        b.post(b.request(21, 0, 8));
        Completions.success(b.sends, 21, WorkCompletionOpcode.SEND);
        Completions.success(a.receives, 20, WorkCompletionOpcode.RECV);
        b.post(b.request(22, 0, 8).write(a.address(512), a.memory.rkey()));
        Completions.success(b.sends, 22, WorkCompletionOpcode.RDMA_WRITE);
        b.receive(23, 64, 8);
        Completions.success(a.sends, 1, WorkCompletionOpcode.SEND);
        isDrained(a.pair);
    }

    @Test
    @DisplayName("§1.6 the event holds up close until it is acknowledged")
    final void acknowledged() {
        Pair pair = pair(new EndSpec());
        QueuePair drained = pair.a().pair;
        drained.modify(drain());
        AsyncEvent event = AsyncEvents.next(context, AsyncEventType.SQ_DRAINED);
        refused("close", Errno.ETIMEDOUT, () -> drained.close(Duration.ofMillis(1)));
        event.acknowledge();
        drained.close();
    }

    @Test
    @DisplayName("§2.2 SQD against a sender that never stops: each time drained, nothing lost, nothing twice")
    final void underTraffic() throws Throwable {
        int messages = load(20_000);
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        Deadline.Running poster = Deadline.start("posts", () -> {
            var add = a.request(0, 0, 8)
                    .write(pair.b().address(64), pair.b().memory.rkey());
            for (int i = 0; i < messages; i++) {
                add.wrId(i);
                Deadline.await("room", () -> a.pair.postSend(add) == null);
            }
        });
        Deadline.Running drainer = Deadline.start("drains", () -> {
            for (int i = 0; i < 200; i++) {
                a.pair.modify(drain());
                isDrained(a.pair);
                a.pair.modify(to(QueuePairState.RTS));
            }
        });
        for (int i = 0; i < messages; i++) {
            Completions.success(a.sends, i, WorkCompletionOpcode.RDMA_WRITE);
        }
        poster.join();
        drainer.join();
        Completions.none(this, a.sends);
    }
}
