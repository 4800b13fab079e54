package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.NotificationType.ANY;
import static org.rddma.verbs.NotificationType.SOLICITED;
import static org.rddma.verbs.conformance.Refusals.refused;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Arming: verbs-semantics §1.2, §1.7 and §1.11 (3) to (7), (15). */
public abstract class ArmConformance extends DeviceConformance {
    private CompletionChannel channel;
    private CompletionQueue queue;
    private Ticker ticker;

    @BeforeEach
    final void makeQueue() {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, 32);
        ticker = new Ticker(context, queue);
    }

    @Test
    @DisplayName(
            "§1.11(3) a completion without an arm, or before it, raises no event; the next one after it raises one")
    final void oneShot() {
        ticker.unsolicited(1);
        assertNoEvent(channel);
        queue.requestNotify(ANY);
        assertNoEvent(channel);
        ticker.unsolicited(2);
        assertOneEvent(channel, queue);
        ticker.unsolicited(3);
        ticker.solicited(4);
        assertNoEvent(channel);
        queue.requestNotify(ANY);
        assertNoEvent(channel);
        ticker.unsolicited(5);
        assertOneEvent(channel, queue);
        for (long id = 1; id <= 5; id++) {
            assertThat(Completions.next(queue).wrId()).isEqualTo(id);
        }
    }

    @Test
    @DisplayName("§1.2 arming says whether the queue is empty now")
    final void armSaysWhetherEmpty() {
        assertThat(queue.requestNotify(ANY)).isFalse();
        assertThat(queue.requestNotify(SOLICITED)).isFalse();
        ticker.unsolicited(1);
        assertEvent(channel, queue);
        assertThat(queue.requestNotify(SOLICITED)).isTrue();
        assertThat(queue.requestNotify(ANY)).isTrue();
        Completions.next(queue);
        assertThat(queue.requestNotify(ANY)).isFalse();
        refused("requestNotify", Errno.EINVAL, () -> queue.requestNotify(null));
    }

    @Test
    @DisplayName("§1.11(4) three arms and one completion: one event")
    final void armsDoNotAddUp() {
        queue.requestNotify(ANY);
        queue.requestNotify(ANY);
        queue.requestNotify(ANY);
        ticker.unsolicited(1);
        ticker.unsolicited(2);
        assertOneEvent(channel, queue);
    }

    @Test
    @DisplayName("§1.11(4) three times an arm and a completion without reading: three events, and no fourth")
    final void eventsAddUp() {
        for (int i = 0; i < 3; i++) {
            queue.requestNotify(ANY);
            ticker.unsolicited(i);
            int events = i + 1;
            Deadline.await("an event", () -> channel.unreadEvents() == events);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(channel.tryGetEvent()).isSameAs(queue);
        }
        assertThat(channel.tryGetEvent()).isNull();
        assertThat(queue.unacknowledgedEvents()).isEqualTo(3);
        queue.ackEvents(3);
        assertNoEvent(channel);
    }

    @Test
    @DisplayName("§1.11(5) armed for solicited ones: an unsolicited receive and a successful send raise no event")
    final void solicitedOnly() {
        queue.requestNotify(SOLICITED);
        ticker.unsolicited(1);
        assertNoEvent(channel);
        ticker.sent(2);
        assertNoEvent(channel);
        ticker.solicited(3);
        assertOneEvent(channel, queue);
        ticker.solicited(4);
        assertNoEvent(channel);
    }

    @Test
    @DisplayName("§1.11(5) armed for solicited ones: a failed send raises an event")
    final void failureIsSolicited() {
        queue.requestNotify(SOLICITED);
        ticker.failedSend(1);
        assertOneEvent(channel, queue);
        Completions.failure(queue, 1, WorkCompletionStatus.LOC_PROT_ERR);
    }

    @Test
    @DisplayName("§1.11(5) armed for solicited ones: a flushed receive raises an event")
    final void flushIsSolicited() {
        queue.requestNotify(SOLICITED);
        ticker.flushedReceive(1);
        assertOneEvent(channel, queue);
        Completions.failure(queue, 1, WorkCompletionStatus.WR_FLUSH_ERR);
    }

    @Test
    @DisplayName("§1.11(6) solicited, then any: upgraded")
    final void upgrade() {
        queue.requestNotify(SOLICITED);
        queue.requestNotify(ANY);
        ticker.unsolicited(1);
        assertOneEvent(channel, queue);
    }

    @Test
    @DisplayName("§1.11(6) any, then solicited: not downgraded")
    final void noDowngrade() {
        queue.requestNotify(ANY);
        queue.requestNotify(SOLICITED);
        ticker.unsolicited(1);
        assertOneEvent(channel, queue);
        ticker.solicited(2);
        assertNoEvent(channel);
    }

    @Test
    @DisplayName("§1.2 after an event the arm is gone, whatever it was for")
    final void eventDisarms() {
        queue.requestNotify(SOLICITED);
        ticker.solicited(1);
        assertOneEvent(channel, queue);
        queue.requestNotify(ANY);
        ticker.solicited(2);
        assertOneEvent(channel, queue);
        ticker.solicited(3);
        ticker.unsolicited(4);
        assertNoEvent(channel);
    }

    @Test
    @DisplayName("§1.4 an event whose completion was polled meanwhile is there still: it is empty, and legal")
    final void emptyEvent() {
        queue.requestNotify(ANY);
        ticker.unsolicited(1);
        Completions.next(queue);
        assertOneEvent(channel, queue);
        assertThat(queue.poll(new WorkCompletion())).isFalse();
    }

    @Test
    @DisplayName("§1.11(7) SOLICITED counts on sends and on writes with immediate, and nowhere else")
    final void whatSolicitedCountsOn() {
        Pair pair = pair(new EndSpec().withChannel());
        End a = pair.a();
        End b = pair.b();
        long remote = b.address(1024);
        int rkey = b.memory.rkey();
        SendRequest[] heard = {
            a.request(1, 0, 8).send(),
            a.request(2, 0, 8).sendWithImmediate(9),
            a.request(3, 0, 8).writeWithImmediate(remote, rkey, 9),
            new SendRequest().wrId(4).send(), // no bytes
        };
        for (SendRequest request : heard) {
            for (boolean solicited : new boolean[] {false, true}) {
                b.receive(request.wrId(), 0, 64);
                b.receives.requestNotify(SOLICITED);
                a.post(request.flags(SendFlags.SIGNALED | (solicited ? SendFlags.SOLICITED : 0)));
                assertThat(Completions.next(a.sends).isSuccess()).isTrue();
                assertThat(Completions.next(b.receives).isSuccess()).isTrue();
                if (solicited) {
                    assertOneEvent(b.channel, b.receives);
                } else {
                    assertNoEvent(b.channel);
                }
            }
        }
        SendRequest[] silent = {
            a.request(5, 0, 8).write(remote, rkey),
            a.request(6, 0, 8).read(remote, rkey),
            a.request(7, 0, 8).compareAndSwap(remote, rkey, 0, 1),
            a.request(8, 0, 8).fetchAndAdd(remote, rkey, 1),
        };
        b.receive(9, 0, 64);
        b.receives.requestNotify(ANY);
        a.sends.requestNotify(SOLICITED);
        for (SendRequest request : silent) {
            if (refusesOpcode(a, request)) {
                continue;
            }
            a.post(request.flags(SendFlags.SIGNALED | SendFlags.SOLICITED));
            assertThat(Completions.next(a.sends).isSuccess()).isTrue();
        }
        assertNoEvent(b.channel);
        assertNoEvent(a.channel);
    }

    @Test
    @DisplayName("§1.11(7) a message of many packets raises one event")
    final void manyPacketsOneEvent() {
        Pair pair = pair(new EndSpec().withChannel(), new Wiring().mtu(org.rddma.verbs.Mtu.MTU_256));
        End a = pair.a();
        End b = pair.b();
        b.receives.requestNotify(SOLICITED);
        b.receive(1, 32 * 1024, 32 * 1024);
        a.post(a.request(2, 0, 32 * 1024).flags(SendFlags.SIGNALED | SendFlags.SOLICITED));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        assertOneEvent(b.channel, b.receives);
        b.receives.requestNotify(ANY);
        assertNoEvent(b.channel);
    }

    @Test
    @DisplayName(
            "§1.11(15) an overrun wakes an armed waiter; what is left can be polled, then polling fails (EOVERFLOW)")
    final void overrunWakesWaiter() throws Throwable {
        CompletionQueue small = queueOn(channel, 4);
        End end = new End(context, new EndSpec().type(QueuePairType.RC), small);
        new Wiring().connect(end, end);
        int capacity = small.capacity();
        SendRequest write = end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
        for (int i = 0; i < capacity; i++) {
            end.post(write.wrId(i));
        }
        small.requestNotify(SOLICITED);
        assertNoEvent(channel);
        Deadline.Running waiter = Deadline.start("waits for an event", () -> assertEvent(channel, small));
        Deadline.awaitBlocked(waiter.thread());
        end.post(write.wrId(capacity));
        waiter.join();
        end.awaitState(QueuePairState.ERR);
        for (int i = 0; i < capacity; i++) {
            assertThat(Completions.next(small).wrId()).isEqualTo(i);
        }
        refused("poll", Errno.EOVERFLOW, () -> small.poll(new WorkCompletion()));
        refused("poll", Errno.EOVERFLOW, () -> small.poll(WorkCompletion.array(2)));
        refused("poll", Errno.EOVERFLOW, () -> small.poll(completion -> {}, 2));
        refused("next", Errno.EOVERFLOW, () -> small.cursor().next());
        // whoever arms now must not sleep for ever either
        assertThat(small.requestNotify(ANY)).isTrue();
        assertEvent(channel, small);
        end.pair.close();
        small.close();
    }

    @Test
    @DisplayName("§1.7 an overrun takes every queue pair of the queue to ERR, also those that did not cause it")
    final void overrunTakesQueuePairsDown() {
        CompletionQueue small = context.createCompletionQueue(2);
        End end = new End(context, new EndSpec(), small);
        End bystander = new End(context, new EndSpec(), small);
        new Wiring().connect(end, end);
        new Wiring().connect(bystander, bystander);
        SendRequest write = end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
        for (int i = 0; i <= small.capacity(); i++) {
            end.post(write.wrId(i));
        }
        end.awaitState(QueuePairState.ERR);
        bystander.awaitState(QueuePairState.ERR);
    }
}
