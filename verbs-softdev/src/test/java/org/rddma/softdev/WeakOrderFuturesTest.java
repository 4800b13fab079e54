package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.FutureQueuePair;
import org.rddma.verbs.app.Futures;
import org.rddma.verbs.app.Landing;
import org.rddma.verbs.app.Landings;
import org.rddma.verbs.app.RequestFuture;
import org.rddma.verbs.conformance.HangGuard;

/**
 * Completions that overtake each other: the completion of one request says nothing of those before it, and a queue may be
 * full although as many are done as there are to be posted.
 */
@HangGuard
final class WeakOrderFuturesTest {
    private static final int DEPTH = 8;
    private static final int MESSAGES = 400;

    private final SoftSchedule schedule = SoftSchedule.seeded(
            7,
            Freedoms.all().without(Freedom.LOST_REQUESTS, Freedom.LOST_ANSWERS, Freedom.REFUSALS, Freedom.SLOW_STEPS));
    private final SoftDevice device =
            new SoftFabric(schedule).addDevice("weak0", SoftDeviceOptions.DEFAULT.withCapabilities(capabilities()));

    private static Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.copyOf(SoftDeviceOptions.DEFAULT.capabilities());
        all.add(Capability.WEAK_ORDER);
        return all;
    }

    private static QueuePair pair(ProtectionDomain domain, CompletionQueue queue) {
        QueuePair pair = domain.createQueuePair(
                new QueuePairInitAttributes().completionQueue(queue).maxSendRequests(DEPTH));
        Endpoint.connect(pair, pair);
        return pair;
    }

    private static SendRequest write(MemoryRegion memory, int i) {
        int offset = 8 * (i % DEPTH);
        return new SendRequest()
                .wrId(i)
                .write(memory.address() + offset, memory.rkey())
                .sge(new ScatterGatherElement(memory, offset, 8));
    }

    @Test
    @DisplayName("each future gets its own completion, and whoever submits is held up no longer than the device")
    void futures() throws Exception {
        try (Context context = device.open()) {
            ProtectionDomain domain = context.allocateProtectionDomain();
            CompletionChannel channel = context.createCompletionChannel();
            CompletionQueue queue = context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(64).channel(channel));
            MemoryRegion memory = domain.allocateMemory(8 * DEPTH, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
            QueuePair pair = pair(domain, queue);
            schedule.start();
            List<RequestFuture> all = new ArrayList<>();
            try (Futures futures = Futures.on(channel)) {
                FutureQueuePair to = futures.attach(pair);
                for (int i = 0; i < MESSAGES; i++) {
                    all.add(to.send(write(memory, i)));
                }
                for (int i = 0; i < MESSAGES; i++) {
                    assertThat(all.get(i).get(10, TimeUnit.SECONDS).wrId()).isEqualTo(i);
                }
            } finally {
                schedule.stop();
            }
        }
    }

    @Test
    @DisplayName("a group has landed when all of it has, in whatever order")
    void landings() {
        try (Context context = device.open()) {
            ProtectionDomain domain = context.allocateProtectionDomain();
            CompletionQueue queue = context.createCompletionQueue(64);
            MemoryRegion memory = domain.allocateMemory(8 * DEPTH, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
            QueuePair pair = pair(domain, queue);
            schedule.start();
            try {
                Landings landings = Landings.of(queue);
                Landing[] groups = {landings.landing(), landings.landing(), landings.landing()};
                for (int i = 0; i < MESSAGES; i++) {
                    groups[i % groups.length].send(pair, write(memory, i));
                }
                for (Landing group : groups) {
                    assertThat(group.await(10, TimeUnit.SECONDS)).isTrue();
                }
                assertThat(landings.outstanding()).isZero();
            } finally {
                schedule.stop();
            }
        }
    }
}
