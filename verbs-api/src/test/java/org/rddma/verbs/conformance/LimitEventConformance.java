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
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletionOpcode;

/** The limit of a shared receive queue, and the event that it makes: verbs-semantics §1.6, §2.7. */
@Needs(Capability.SHARED_RECEIVE_QUEUE)
public abstract class LimitEventConformance extends DeviceConformance {
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

    private void post(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(queue.postReceive(new ReceiveRequest(1, hub.piece(0, 8))))
                    .isNull();
        }
    }

    private void take(int count) {
        for (int i = 0; i < count; i++) {
            sender.post(sender.request(1, 0, 8));
            Completions.success(sender.sends, 1, WorkCompletionOpcode.SEND);
            Completions.success(hub.receives, 1, WorkCompletionOpcode.RECV);
        }
    }

    private AsyncEvent reached() {
        AsyncEvent event = AsyncEvents.next(context, AsyncEventType.SRQ_LIMIT_REACHED);
        assertThat(event.sharedReceiveQueue()).isSameAs(queue);
        assertThat(event.queuePair()).isNull();
        assertThat(event.completionQueue()).isNull();
        assertThat(event.port()).isZero();
        return event;
    }

    @Test
    @DisplayName("§2.7 the event comes when fewer than the limit are left, not before, and once; the limit is 0 then")
    final void once() {
        post(10);
        queue.armLimit(5);
        assertThat(queue.limit()).isEqualTo(5);
        take(5);
        AsyncEvents.none(this, context);
        assertThat(queue.limit()).isEqualTo(5);
        take(1);
        AsyncEvent event = reached();
        assertThat(queue.limit()).isZero();
        event.acknowledge();
        take(4);
        post(10);
        take(10);
        AsyncEvents.none(this, context);
    }

    @Test
    @DisplayName("§2.7 armed again, it comes again; posting receives neither makes nor takes away an event")
    final void again() {
        for (int round = 0; round < 3; round++) {
            post(4);
            queue.armLimit(4);
            AsyncEvents.none(this, context);
            take(1);
            reached().acknowledge();
            take(3);
        }
    }

    @Test
    @DisplayName("§2.7 fewer than the limit already when it is armed: the next message that takes one announces it")
    final void alreadyBelow() {
        post(3);
        queue.armLimit(8);
        AsyncEvents.none(this, context);
        take(1);
        reached().acknowledge();
    }

    @Test
    @DisplayName("§2.7 a limit of 0 disarms; another limit replaces the first")
    final void disarmed() {
        post(8);
        queue.armLimit(8);
        queue.armLimit(0);
        assertThat(queue.limit()).isZero();
        take(4);
        AsyncEvents.none(this, context);
        queue.armLimit(4);
        queue.armLimit(2);
        take(2);
        AsyncEvents.none(this, context);
        take(1);
        reached().acknowledge();
    }

    @Test
    @DisplayName("§2.7 a limit out of range is refused (EINVAL), and the one that is armed stays")
    final void wrongLimits() {
        queue.armLimit(3);
        for (int wrong : new int[] {-1, Integer.MIN_VALUE, queue.maxRequests() + 1, Integer.MAX_VALUE}) {
            refused("armLimit", Errno.EINVAL, () -> queue.armLimit(wrong));
            assertThat(queue.limit()).isEqualTo(3);
        }
        queue.armLimit(queue.maxRequests());
        assertThat(queue.limit()).isEqualTo(queue.maxRequests());
    }

    @Test
    @DisplayName(
            "§1.6 an event that was read and not acknowledged holds up close; an unread one vanishes with the queue")
    final void closing() {
        post(2);
        queue.armLimit(2);
        take(1);
        AsyncEvent event = reached();
        peer.close();
        refused("close", Errno.ETIMEDOUT, () -> queue.close(Duration.ofMillis(1)));
        event.acknowledge();
        refused("acknowledge", Errno.EINVAL, event::acknowledge);
        queue.close();

        queue = hub.domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().maxRequests(16));
        peer = hub.createPair(new EndSpec().shared(queue));
        sender.pair.modify(to(org.rddma.verbs.QueuePairState.RESET));
        new Wiring().connect(sender.pair, peer);
        post(2);
        queue.armLimit(2);
        take(1);
        Deadline.await("the event", () -> context.asyncEvents().unreadEvents() > 0);
        peer.close();
        queue.close();
        AsyncEvents.none(this, context);
    }
}
