package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/** Closing: who is in whose way (EBUSY), what closed objects answer (EBADF), and that closing twice is harmless. */
public abstract class LifeCycleConformance extends DeviceConformance {
    private static QueuePairInitAttributes onQueues(CompletionQueue sends, CompletionQueue receives) {
        return new QueuePairInitAttributes().sendCompletionQueue(sends).receiveCompletionQueue(receives);
    }

    private static void busy(AutoCloseable object, AutoCloseable user) throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(refused("close", Errno.EBUSY, object::close)).hasMessageContaining(user.toString());
        }
    }

    @Test
    @DisplayName(
            "EBUSY: a domain with a region, a queue pair or an address handle; each is named; without them it closes")
    final void domain() throws Exception {
        ProtectionDomain domain = context.allocateProtectionDomain();
        CompletionQueue queue = context.createCompletionQueue(1);
        MemoryRegion region = domain.allocateMemory(8, 0);
        busy(domain, region);
        region.close();
        QueuePair pair = domain.createQueuePair(onQueues(queue, queue));
        busy(domain, pair);
        if (has(Capability.DATAGRAM)) {
            AddressHandle handle = domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context)));
            pair.close();
            busy(domain, handle);
            handle.close();
        }
        pair.close();
        domain.close();
        domain.close();
    }

    @Test
    @DisplayName("EBUSY: a completion queue with a queue pair, as its send queue, its receive queue, or both")
    final void queue() throws Exception {
        ProtectionDomain domain = context.allocateProtectionDomain();
        CompletionQueue sends = context.createCompletionQueue(1);
        CompletionQueue receives = context.createCompletionQueue(1);
        CompletionQueue both = context.createCompletionQueue(1);
        QueuePair first = domain.createQueuePair(onQueues(sends, receives));
        QueuePair second = domain.createQueuePair(onQueues(both, both));
        busy(sends, first);
        busy(receives, first);
        busy(both, second);
        refused("close", Errno.EBUSY, () -> both.close(Duration.ofDays(1)));
        assertThat(both.poll(new WorkCompletion())).as("it works on").isFalse();
        first.close();
        sends.close();
        receives.close();
        second.close();
        both.close();
        both.close(Duration.ZERO);
        refused("close", Errno.EINVAL, () -> both.close(null));
        refused("close", Errno.EINVAL, () -> both.close(Duration.ofNanos(-1)));
    }

    @Test
    @DisplayName("§1.1 a queue closes with completions in it, with an arm outstanding and with an event unread")
    final void fullQueue() {
        End end = new End(context, new EndSpec().withChannel());
        new Wiring().connect(end, end);
        end.sends.requestNotify(NotificationType.ANY);
        end.post(end.request(1, 0, 8).write(end.address(64), end.memory.rkey()));
        end.sends.requestNotify(NotificationType.SOLICITED);
        end.post(end.request(2, 0, 8).write(end.address(64), end.memory.rkey()));
        end.pair.close();
        end.sends.close();
        assertNoEvent(end.channel);
        end.receives.close();
        end.channel.close();
    }

    @Test
    @DisplayName("EBUSY: a channel with a queue; what is busy still works, and takes new users")
    final void channel() throws Exception {
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue first = queueOn(channel, 1);
        busy(channel, first);
        CompletionQueue second = queueOn(channel, 1);
        first.close();
        busy(channel, second);
        second.close();
        channel.close();
        channel.close();
    }

    @Test
    @DisplayName("EBADF: every verb of a closed queue pair, queue, channel, domain")
    final void closedObjects() {
        End end = new End(context, new EndSpec().withChannel());
        CompletionCursor cursor = end.sends.cursor();
        MemoryRegion region = end.domain.allocateMemory(8, 0);
        end.pair.close();
        refused("postSend", Errno.EBADF, () -> end.pair.postSend(new SendRequest()));
        refused("postReceive", Errno.EBADF, () -> end.pair.postReceive(new ReceiveRequest()));
        refused("modify", Errno.EBADF, () -> end.pair.modify(to(QueuePairState.RESET)));
        refused("query", Errno.EBADF, end.pair::query);
        end.sends.close();
        refused("poll", Errno.EBADF, () -> end.sends.poll(new WorkCompletion()));
        refused("poll", Errno.EBADF, () -> end.sends.poll(WorkCompletion.array(1)));
        refused("poll", Errno.EBADF, () -> end.sends.poll(completion -> {}, 1));
        refused("next", Errno.EBADF, cursor::next);
        refused("cursor", Errno.EBADF, end.sends::cursor);
        refused("requestNotify", Errno.EBADF, () -> end.sends.requestNotify(NotificationType.ANY));
        refused("createQueuePair", Errno.EBADF, () -> end.domain.createQueuePair(onQueues(end.sends, end.receives)));
        refused("createQueuePair", Errno.EBADF, () -> end.domain.createQueuePair(onQueues(end.receives, end.sends)));
        end.receives.close();
        end.channel.close();
        refused("createCompletionQueue", Errno.EBADF, () -> queueOn(end.channel, 1));
        refused("getEvent", Errno.EBADF, () -> end.channel.getEvent(1, TimeUnit.DAYS));
        end.memory.close();
        region.close();
        region.close();
        assertThat(region.buffer().get(0)).as("memory stays valid").isZero();
        assertThat(region.length()).isEqualTo(8);
        end.domain.close();
        closedDomain(end.domain);
    }

    private void closedDomain(ProtectionDomain domain) {
        CompletionQueue queue = context.createCompletionQueue(1);
        refused("registerMemory", Errno.EBADF, () -> domain.registerMemory(ByteBuffer.allocateDirect(8), 0));
        refused("registerMemory", Errno.EBADF, () -> domain.registerMemory(ByteBuffer.allocateDirect(8), 0, 8, 0));
        refused("allocateMemory", Errno.EBADF, () -> domain.allocateMemory(8, 0));
        refused("createQueuePair", Errno.EBADF, () -> domain.createQueuePair(onQueues(queue, queue)));
        refused("createAddressHandle", Errno.EBADF, () -> domain.createAddressHandle(AddressVector.to(new Gid(1, 1))));
        queue.close();
    }

    @Test
    @DisplayName("EBADF: every verb of a closed context, and of all that was in it")
    final void closedContext() {
        End end = new End(context, new EndSpec().withChannel());
        int fd = end.channel.fd();
        AddressHandle handle = has(Capability.DATAGRAM)
                ? end.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context)))
                : null;
        new Wiring().connect(end, end);
        end.receive(1, 0, 8);
        context.close();
        context.close();
        Deadline.await("the descriptor is closed", () -> !Descriptors.isOpen(fd));
        refused("queryPort", Errno.EBADF, () -> context.queryPort(1));
        refused("queryGid", Errno.EBADF, () -> context.queryGid(1, 0));
        refused("queryGidTable", Errno.EBADF, context::queryGidTable);
        refused("queryPkey", Errno.EBADF, () -> context.queryPkey(1, 0));
        refused("allocateProtectionDomain", Errno.EBADF, context::allocateProtectionDomain);
        refused("createCompletionChannel", Errno.EBADF, context::createCompletionChannel);
        refused("createCompletionQueue", Errno.EBADF, () -> context.createCompletionQueue(1));
        refused(
                "createCompletionQueue",
                Errno.EBADF,
                () -> context.createCompletionQueue(new CompletionQueueAttributes()));
        refused("allocateMemory", Errno.EBADF, () -> end.domain.allocateMemory(8, 0));
        refused("postSend", Errno.EBADF, () -> end.pair.postSend(new SendRequest()));
        refused("postReceive", Errno.EBADF, () -> end.pair.postReceive(new ReceiveRequest()));
        refused("poll", Errno.EBADF, () -> end.sends.poll(new WorkCompletion()));
        refused("tryGetEvent", Errno.EBADF, end.channel::tryGetEvent);
        assertThat(context.threads()).isEmpty();
        if (handle != null) {
            handle.close();
        }
        end.pair.close();
        end.sends.close();
        end.channel.close();
        end.memory.close();
        end.domain.close();
    }

    @Test
    @LeavesEventsUnacknowledged
    @DisplayName("Context.close closes all that is left, whatever its state, and waits for nobody")
    final void contextCloseTakesAll() {
        Context other = openAnother();
        End idle = new End(other, new EndSpec().withChannel());
        End waiting = new End(other, new EndSpec().withChannel());
        new Wiring().connect(waiting, waiting);
        waiting.sends.requestNotify(NotificationType.ANY);
        waiting.post(waiting.request(1, 0, 8).write(waiting.address(0), waiting.memory.rkey()));
        assertThat(waiting.channel.getEvent()).isSameAs(waiting.sends); // and not acknowledged
        waiting.post(waiting.request(2, 0, 8)); // waits for a receive
        assertThat(idle.pair.state()).isEqualTo(QueuePairState.RESET);
        CompletionQueue halfClosed = idle.receives;
        assertThat(halfClosed.unacknowledgedEvents()).isZero();
        other.close();
        assertThat(other.threads()).isEmpty();
    }

    @Test
    @DisplayName("the peer of a queue pair that goes with its context sees what it would see on a wire: no answer")
    final void peerGoesAway() {
        Context other = openAnother();
        End a = new End(context, new EndSpec());
        End b = new End(other, new EndSpec());
        new Wiring().connect(a, b);
        b.receive(1, 0, 64);
        other.close();
        a.post(a.request(2, 0, 8));
        Completions.failure(a.sends, 2, org.rddma.verbs.WorkCompletionStatus.RETRY_EXC_ERR);
    }

    @Test
    @DisplayName("closing and creating at once: of two threads, one succeeds, and nothing leaks")
    final void closeAgainstCreate() throws Throwable {
        for (int round = 0; round < 300; round++) {
            CompletionChannel channel = context.createCompletionChannel();
            CompletionQueue[] created = new CompletionQueue[1];
            java.util.concurrent.CyclicBarrier start = new java.util.concurrent.CyclicBarrier(2);
            Deadline.Running creator = Deadline.start("creates", () -> {
                start.await();
                try {
                    created[0] = queueOn(channel, 1);
                } catch (org.rddma.verbs.VerbsException e) {
                    assertThat(e.errno()).isEqualTo(Errno.EBADF);
                }
            });
            start.await();
            boolean closed;
            try {
                channel.close();
                closed = true;
            } catch (org.rddma.verbs.VerbsException e) {
                assertThat(e.errno()).isEqualTo(Errno.EBUSY);
                closed = false;
            }
            creator.join();
            assertThat(created[0] == null).isEqualTo(closed);
            if (created[0] != null) {
                created[0].close();
                channel.close();
            }
        }
    }

    @Test
    @DisplayName("closing a context against creating channels in it: no descriptor is left")
    final void contextCloseAgainstCreate() throws Throwable {
        for (int round = 0; round < 300; round++) {
            Context other = open();
            java.util.concurrent.atomic.AtomicInteger made = new java.util.concurrent.atomic.AtomicInteger();
            Deadline.Running creator = Deadline.start("creates", () -> {
                try {
                    while (true) {
                        CompletionChannel one = other.createCompletionChannel();
                        if (made.incrementAndGet() > 500) { // there are not so many descriptors
                            one.close();
                        }
                    }
                } catch (org.rddma.verbs.VerbsException e) {
                    assertThat(Errno.nameOf(e.errno())).isEqualTo("EBADF");
                }
            });
            int enough = round % 5 + 1;
            Deadline.await("some channels", () -> made.get() >= enough || !creator.isAlive());
            other.close();
            creator.join();
        }
    }
}
