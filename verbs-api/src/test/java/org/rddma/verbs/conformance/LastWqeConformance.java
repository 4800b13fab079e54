package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** What a queue pair in ERR says of the shared receive queue that it took from: verbs-semantics §1.6, §2.4(4). */
@Needs(Capability.SHARED_RECEIVE_QUEUE)
public abstract class LastWqeConformance extends DeviceConformance {
    private End hub;
    private End sender;
    private SharedReceiveQueue queue;
    private QueuePair peer;

    @BeforeEach
    final void connect() {
        hub = new End(context, new EndSpec());
        queue = hub.domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().maxRequests(16));
        peer = hub.createPair(new EndSpec().shared(queue));
        sender = new End(context, new EndSpec());
        new Wiring().connect(sender.pair, peer);
    }

    private AsyncEvent reached() {
        AsyncEvent event = AsyncEvents.next(context, AsyncEventType.QP_LAST_WQE_REACHED);
        assertThat(event.queuePair()).isSameAs(peer);
        assertThat(event.sharedReceiveQueue()).isNull();
        return event;
    }

    private void post(int length) {
        assertThat(queue.postReceive(new ReceiveRequest(1, hub.piece(0, length))))
                .isNull();
    }

    @Test
    @DisplayName("§2.4(4) moved to ERR: one event about it; its receives stay for others and are not flushed")
    final void byModify() {
        post(64);
        peer.modify(to(QueuePairState.ERR));
        reached().acknowledge();
        AsyncEvents.none(this, context);
        peer.modify(to(QueuePairState.ERR));
        AsyncEvents.none(this, context);
        Completions.none(this, hub.receives);
    }

    @Test
    @DisplayName("§2.4(4) failed by itself: the event comes too, and what it took has completed before")
    final void byFailure() {
        post(8);
        post(7);
        sender.post(sender.request(2, 0, 8));
        sender.post(sender.request(3, 0, 8));
        Completions.success(sender.sends, 2, WorkCompletionOpcode.SEND);
        Completions.failure(sender.sends, 3, WorkCompletionStatus.REM_INV_REQ_ERR);
        AsyncEvent event = reached();
        Completions.success(hub.receives, 1, WorkCompletionOpcode.RECV);
        Completions.failure(hub.receives, 1, WorkCompletionStatus.LOC_LEN_ERR);
        event.acknowledge();
        AsyncEvents.none(this, context);
    }

    @Test
    @DisplayName("§1.6 without a shared receive queue, and on the way to RESET, there is no such event")
    final void others() {
        hub.pair.modify(new Wiring().initOf(hub.pair.type()));
        hub.pair.modify(to(QueuePairState.ERR));
        sender.pair.modify(to(QueuePairState.ERR));
        peer.modify(to(QueuePairState.RESET));
        AsyncEvents.none(this, context);
    }

    @Test
    @DisplayName("§1.6 each way to ERR announces it anew")
    final void again() {
        for (int round = 0; round < 3; round++) {
            peer.modify(to(QueuePairState.ERR));
            reached().acknowledge();
            peer.modify(to(QueuePairState.RESET));
            sender.pair.modify(to(QueuePairState.RESET));
            new Wiring().connect(sender.pair, peer);
        }
        AsyncEvents.none(this, context);
    }

    @Test
    @DisplayName("§1.6 an event that was read and not acknowledged holds up close; an unread one vanishes")
    final void closing() {
        peer.modify(to(QueuePairState.ERR));
        AsyncEvent event = reached();
        refused("close", Errno.ETIMEDOUT, () -> peer.close(Duration.ofMillis(1)));
        event.acknowledge();
        peer.close();
        QueuePair second = hub.createPair(new EndSpec().shared(queue));
        new Wiring().toInit(second);
        second.modify(to(QueuePairState.ERR));
        Deadline.await("the event", () -> context.asyncEvents().unreadEvents() > 0);
        second.close();
        AsyncEvents.none(this, context);
        queue.close();
    }
}
