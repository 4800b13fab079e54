package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.softdev.ScheduledWorld.Wire;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.CompletionWaiter;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.WaitOptions;

/** Faults under a schedule, its own thread, its clock, and closing while steps are pending. */
@Timeout(60)
class ScheduleFaultsTest {
    @Test
    @DisplayName("a region that is deregistered at a certain step fails what uses it from then on, and nothing before")
    void regionClosedAtStep() {
        try (ScheduledWorld world = new ScheduledWorld(3, Freedoms.lossless())) {
            Wire wire = world.wire(QueuePairType.RC);
            SoftMemoryRegion region = world.a.domain.allocateMemory(64, AccessFlags.LOCAL_WRITE);
            world.schedule.at(5, "deregister a region", region::close);
            for (int i = 0; i < 10; i++) {
                assertThat(wire.a()
                                .postSend(new SendRequest()
                                        .wrId(i)
                                        .sge(new ScatterGatherElement(region))
                                        .flags(SendFlags.SIGNALED)
                                        .write(world.b.memory.address(), world.b.memory.rkey())))
                        .isNull();
            }
            int unused = world.schedule.runUntilIdle();
            assertThat(world.schedule.trace())
                    .filteredOn(line -> line.startsWith("#"))
                    .element(4)
                    .asString()
                    .startsWith("#5 ")
                    .endsWith("us deregister a region");
            List<WorkCompletionStatus> statuses = ScheduledWorld.poll(wire.ofA()).stream()
                    .map(WorkCompletion::status)
                    .toList();
            int failed = statuses.indexOf(WorkCompletionStatus.LOC_PROT_ERR);
            assertThat(failed).isBetween(1, 4);
            assertThat(statuses.subList(0, failed)).containsOnly(WorkCompletionStatus.SUCCESS);
            assertThat(statuses.subList(failed + 1, 10)).containsOnly(WorkCompletionStatus.WR_FLUSH_ERR);
        }
    }

    @Test
    @DisplayName("§1.7 a queue that is too small is overrun when the completion is delivered, and its queue pairs fail")
    void overrun() {
        try (ScheduledWorld world = new ScheduledWorld(4, Freedoms.lossless())) {
            Wire wire = world.wire(QueuePairType.RC, 4);
            for (int i = 0; i < 8; i++) {
                wire.post(wire.write(i, 8));
            }
            int unused = world.schedule.runUntilIdle();
            assertThat(String.join("\n", world.schedule.trace())).contains("lost, the queue takes no more");
            assertThat(wire.a().state()).isEqualTo(QueuePairState.ERR);
            List<Long> seen = new ArrayList<>();
            assertThatThrownBy(() -> {
                        WorkCompletion completion = new WorkCompletion();
                        while (wire.ofA().poll(completion)) {
                            seen.add(completion.wrId());
                        }
                    })
                    .isInstanceOf(VerbsException.class);
            assertThat(seen).containsExactly(0L, 1L, 2L, 3L);
        }
    }

    @Test
    @DisplayName("a link that goes down is retried until it is up again; a device that is removed ends what is pending")
    void linkAndDevice() {
        for (long seed = 0; seed < 20; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(seed, Freedoms.lossless())) {
                SoftDevice peer = world.b.context.device();
                Wire wire = world.wire(QueuePairType.RC);
                world.schedule.at(2, "link down", peer::portDown);
                world.schedule.at(30, "link up", peer::portUp);
                for (int i = 0; i < 20; i++) {
                    wire.post(wire.write(i, 8));
                }
                int unused = world.schedule.runUntilIdle();
                assertThat(String.join("\n", world.schedule.trace())).contains("-> nobody", "link up");
                assertThat(ScheduledWorld.ids(ScheduledWorld.poll(wire.ofA()), false))
                        .isEqualTo(LongStream.range(0, 20).boxed().toList());
                for (int i = 0; i < 20; i++) {
                    wire.post(wire.write(i, 8));
                }
                world.schedule.at(0, "remove the peer", peer::remove);
                unused = world.schedule.runUntilIdle();
                assertThat(world.schedule.pendingSteps()).isZero();
                assertThat(ScheduledWorld.poll(wire.ofA()).get(19).status()).isNotEqualTo(WorkCompletionStatus.SUCCESS);
            }
        }
    }

    @Test
    @DisplayName("time stamps are of the virtual clock, the same for the same seed, and jump; without the freedom not")
    void timeStamps() {
        List<Long> jumping = timeStamps(5, Freedoms.none().with(Freedom.CLOCK_JUMPS, 50));
        assertThat(timeStamps(5, Freedoms.none().with(Freedom.CLOCK_JUMPS, 50))).isEqualTo(jumping);
        assertThat(jumping).isSorted();
        assertThat(jumping.get(jumping.size() - 1)).isGreaterThan(500_000);
        List<Long> steady = timeStamps(5, Freedoms.none());
        assertThat(steady).isSorted();
        assertThat(steady.get(steady.size() - 1)).isBetween(1L, 100_000L);
    }

    private static List<Long> timeStamps(long seed, Freedoms freedoms) {
        List<Long> stamps = new ArrayList<>();
        try (ScheduledWorld world = new ScheduledWorld(seed, freedoms)) {
            SoftCompletionQueue queue = world.a.context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(64).fields(CompletionFields.COMPLETION_TIMESTAMP));
            SoftQueuePair pair = world.a.pair(QueuePairType.RC, queue);
            Endpoint.connect(pair, pair);
            for (int i = 0; i < 20; i++) {
                assertThat(pair.postSend(new SendRequest()
                                .flags(SendFlags.SIGNALED)
                                .write(world.a.memory.address(), world.a.memory.rkey())))
                        .isNull();
            }
            int unused = world.schedule.runUntilIdle();
            CompletionCursor cursor = queue.cursor();
            while (cursor.next()) {
                stamps.add(cursor.completionTimestamp());
            }
        }
        assertThat(stamps).hasSize(20);
        return stamps;
    }

    @Test
    @DisplayName("what an action throws is thrown by the step; the action may call verbs, but not step")
    void actions() {
        try (ScheduledWorld world = new ScheduledWorld(5, Freedoms.none())) {
            Wire wire = world.wire(QueuePairType.RC);
            world.schedule.at(1, "post", () -> wire.post(wire.write(1, 8)));
            world.schedule.at(1, "step", () -> {
                boolean unused = world.schedule.step();
            });
            assertThat(world.schedule.pendingSteps()).isZero();
            assertThat(world.schedule.step()).isTrue();
            assertThatThrownBy(world.schedule::step).isInstanceOf(IllegalStateException.class);
            int unused = world.schedule.runUntilIdle();
            assertThat(ScheduledWorld.poll(wire.ofA())).hasSize(1);
            assertThat(world.schedule.trace()).hasSize(4);
        }
    }

    @Test
    @DisplayName("timers wait for the virtual clock, which jumps to them when nothing else is left")
    void clock() {
        try (ScheduledWorld world = new ScheduledWorld(6, Freedoms.none())) {
            Wire wire = world.wire(QueuePairType.RC); // the peer asks for 0.64 ms
            wire.post(wire.send(1, 8));
            assertThat(world.schedule.runUntilIdle(100)).isEqualTo(100);
            assertThat(world.schedule.nowNanos()).isGreaterThan(30 * 640_000L);
            wire.receive(2);
            assertThat(world.schedule.runUntil(() -> world.schedule.pendingSteps() == 0, 100))
                    .isTrue();
            assertThat(ScheduledWorld.poll(wire.ofA())).hasSize(1);
        }
    }

    @Test
    @DisplayName("the listener is told each line as it is in the trace")
    void listener() {
        List<String> told = new ArrayList<>();
        try (ScheduledWorld world = new ScheduledWorld(7, Freedoms.all())) {
            world.schedule.onTrace(told::add);
            Wire wire = world.wire(QueuePairType.RC);
            for (int i = 0; i < 20; i++) {
                wire.post(wire.write(i, 8));
            }
            int unused = world.schedule.runUntilIdle();
            assertThat(told).isNotEmpty().isEqualTo(world.schedule.trace());
        }
    }

    @Test
    @DisplayName("steps of what is closed vanish: queue pair, context; nothing is left")
    void closing() {
        for (long seed = 0; seed < 30; seed++) {
            ScheduledWorld world = new ScheduledWorld(seed, Freedoms.all());
            Wire rc = world.wire(QueuePairType.RC);
            Wire uc = world.wire(QueuePairType.UC);
            boolean unused = rc.ofB().requestNotify(org.rddma.verbs.NotificationType.ANY);
            for (int i = 0; i < 10; i++) {
                rc.post(rc.send(i, 8)); // without receives: timers
                uc.post(uc.write(i, 8));
                rc.receive(i);
            }
            int steps = world.schedule.runUntilIdle(20);
            assertThat(steps).isEqualTo(20);
            uc.a().close();
            uc.ofA().close();
            world.close();
            assertThat(world.schedule.pendingSteps()).isZero();
            assertThat(world.schedule.step()).isFalse();
        }
    }

    @Test
    @DisplayName("on its own thread: a thread that waits with the waiter, under every freedom, sees every message")
    void ownThread() {
        int messages = 20_000;
        Freedoms freedoms = Freedoms.all()
                .with(Freedom.REFUSALS, 1)
                .with(Freedom.LOST_REQUESTS, 0)
                .with(Freedom.LOST_ANSWERS, 0);
        try (ScheduledWorld world = new ScheduledWorld(8, freedoms)) {
            Wire wire = world.wire(QueuePairType.RC);
            world.schedule.start();
            assertThatThrownBy(world.schedule::start).isInstanceOf(IllegalStateException.class);
            AtomicInteger received = new AtomicInteger();
            AtomicBoolean ordered = new AtomicBoolean(true);
            Thread receiver = new Thread(() -> {
                CompletionWaiter waiter = CompletionWaiter.of(wire.ofB(), WaitOptions.SLEEP);
                WorkCompletion[] completions = WorkCompletion.array(8);
                while (received.get() < messages) {
                    int count = waiter.await(completions, 10, TimeUnit.SECONDS); // 0 also for no reason
                    for (int i = 0; i < count; i++) {
                        ordered.compareAndSet(true, completions[i].wrId() == received.get());
                        received.incrementAndGet();
                    }
                }
            });
            receiver.start();
            WorkCompletion completion = new WorkCompletion();
            int posted = 0;
            int sent = 0;
            while (sent < messages) {
                if (posted < messages && posted - received.get() < 32 && posted - sent < 32) {
                    wire.receive(posted);
                    wire.post(wire.send(posted++, 8));
                }
                while (wire.ofA().poll(completion)) {
                    assertThat(completion.wrId()).isEqualTo(sent++);
                }
            }
            join(receiver);
            assertThat(ordered).isTrue();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("the thread comes with start and goes with stop, is named after the device, and can come again")
    void startAndStop() {
        try (ScheduledWorld world = new ScheduledWorld(9, Freedoms.lossless())) {
            Wire wire = world.wire(QueuePairType.RC);
            for (int round = 0; round < 3; round++) {
                world.schedule.start();
                assertThat(Thread.getAllStackTraces().keySet())
                        .anyMatch(thread -> thread.getName().equals("soft0 schedule"));
                wire.post(wire.write(round, 8));
                while (ScheduledWorld.poll(wire.ofA()).isEmpty()) {
                    Thread.onSpinWait();
                }
                world.schedule.stop();
                world.schedule.stop();
                assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getName().equals("soft0 schedule"));
            }
        }
    }

    @Test
    @DisplayName("weak order only with a schedule, threads of vectors only without")
    void options() {
        Set<Capability> capabilities = EnumSet.copyOf(SoftDeviceOptions.DEFAULT.capabilities());
        capabilities.add(Capability.WEAK_ORDER);
        SoftDeviceOptions weak = SoftDeviceOptions.DEFAULT.withCapabilities(capabilities);
        assertThatThrownBy(() -> new SoftFabric().addDevice("weak", weak))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("WEAK_ORDER");
        SoftFabric fabric = new SoftFabric(SoftSchedule.seeded(1));
        assertThat(fabric.addDevice("weak", weak).attributes().capabilities()).contains(Capability.WEAK_ORDER);
        assertThatThrownBy(() -> fabric.addDevice("threads", SoftDeviceOptions.DEFAULT.withVectors(1, true)))
                .isInstanceOf(IllegalArgumentException.class);
        SoftDevice seeded = SoftDevice.seeded(4);
        assertThat(seeded.name()).isEqualTo("soft0");
        assertThat(seeded.fabric().schedule().seed()).isEqualTo(4);
        assertThat(seeded.fabric().schedule().freedoms()).isEqualTo(Freedoms.all());
    }
}
