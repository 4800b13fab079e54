package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.softdev.ScheduledWorld.Wire;
import org.rddma.verbs.Capability;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;

/** Whatever a schedule does, the rules of verbs hold. */
@Timeout(120)
class ScheduleRulesTest {
    private static final int SEEDS = 60;
    private static final int COUNT = 40;

    private static void run(ScheduledWorld world) {
        int unused = world.schedule.runUntilIdle(1_000_000);
        assertThat(world.schedule.pendingSteps()).isZero();
    }

    private static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    private static List<Long> ids(SoftCompletionQueue queue, boolean receives) {
        List<WorkCompletion> completions = ScheduledWorld.poll(queue);
        assertThat(completions).allMatch(WorkCompletion::isSuccess);
        return ScheduledWorld.ids(completions, receives);
    }

    @Test
    @DisplayName("every freedom is used, by the usual percentages, within a few seeds")
    void everyFreedomIsUsed() {
        Map<Freedom, String> signs = new EnumMap<>(Freedom.class);
        signs.put(Freedom.EXTRA_EVENTS, "fires at once");
        signs.put(Freedom.EMPTY_WAKEUPS, "without an event");
        signs.put(Freedom.REFUSALS, ": refuse");
        signs.put(Freedom.LOST_REQUESTS, ": lose request");
        signs.put(Freedom.LOST_ANSWERS, "duplicate, answered again");
        signs.put(Freedom.LOST_DATAGRAMS, ": drop datagram");
        signs.put(Freedom.LOST_MESSAGES, ": lose message");
        String all = "";
        String without = "";
        for (long seed = 0; seed < 10; seed++) {
            all += String.join(
                    "\n", ScheduledProgram.run(seed, Freedoms.all(), seed).trace());
            without += String.join(
                    "\n", ScheduledProgram.run(seed, Freedoms.none(), seed).trace());
        }
        for (Map.Entry<Freedom, String> sign : signs.entrySet()) {
            assertThat(all).as("%s", sign.getKey()).contains(sign.getValue());
            assertThat(without).as("%s", sign.getKey()).doesNotContain(sign.getValue());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Freedom.class,
            names = {"LATE_EXECUTION", "LATE_COMPLETIONS", "LATE_EVENTS", "SLOW_STEPS"})
    @DisplayName("each freedom of order makes histories that there are none of without it")
    void everyOrderIsUsed(Freedom freedom) {
        Set<String> histories = new java.util.HashSet<>();
        Set<String> without = new java.util.HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            histories.add(kinds(ScheduledProgram.run(seed, Freedoms.none().with(freedom, 50), 3)));
            without.add(kinds(ScheduledProgram.run(seed, Freedoms.none(), 3)));
        }
        assertThat(without).hasSize(1);
        assertThat(histories).hasSizeGreaterThan(10);
    }

    /** The steps without their times, which differ with every seed. */
    private static String kinds(ScheduledProgram.Outcome outcome) {
        return String.join("\n", outcome.trace())
                .replaceAll("\\d+\\.\\d{3}us ", "")
                .replaceAll("by \\d+\\.\\d{3}us", "");
    }

    @Test
    @DisplayName("a wake-up without an event never follows another, however often they come")
    void wakeupsInBetween() {
        Freedoms freedoms = Freedoms.none().with(Freedom.EMPTY_WAKEUPS, 100);
        List<String> trace = ScheduledProgram.run(1, freedoms, 3).trace();
        List<Boolean> wakes = trace.stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.contains("without an event"))
                .toList();
        assertThat(wakes).contains(true);
        for (int i = 1; i < wakes.size(); i++) {
            assertThat(wakes.get(i) && wakes.get(i - 1)).as(trace.get(i)).isFalse();
        }
    }

    @Test
    @DisplayName(
            "§2.2 RESET: what was executed is completed by then, all of it without the freedom to discard; no more comes")
    void resetDeliversWhatIsDone() {
        try (ScheduledWorld world = new ScheduledWorld(3, Freedoms.none().with(Freedom.LATE_COMPLETIONS, 100))) {
            Wire wire = world.wire(QueuePairType.RC);
            for (int i = 0; i < COUNT; i++) {
                wire.receive(i);
                wire.post(wire.send(i, 8));
            }
            for (int i = 0; i < COUNT; i++) {
                assertThat(world.schedule.step()).isTrue();
            }
            wire.a().modify(new QueuePairAttributes().state(QueuePairState.RESET));
            wire.b().modify(new QueuePairAttributes().state(QueuePairState.RESET));
            long executed = world.schedule.trace().stream()
                    .filter(line -> line.contains(" execute "))
                    .count();
            assertThat(executed).isPositive();
            assertThat(ids(wire.ofA(), false)).isEqualTo(upTo((int) executed));
            assertThat(ids(wire.ofB(), true)).isEqualTo(upTo((int) executed));
            run(world);
            assertThat(ScheduledWorld.poll(wire.ofA())).isEmpty();
            assertThat(ScheduledWorld.poll(wire.ofB())).isEmpty();
        }
    }

    @Test
    @DisplayName("§2.2 RESET: so it is in both queues, where sends and receives have one each")
    void resetDeliversToBothQueues() {
        try (ScheduledWorld world = new ScheduledWorld(5, Freedoms.none().with(Freedom.LATE_COMPLETIONS, 100))) {
            SoftCompletionQueue sends = world.a.queue(COUNT);
            SoftCompletionQueue receives = world.a.queue(COUNT);
            SoftQueuePair pair = world.a.domain.createQueuePair(new QueuePairInitAttributes()
                    .type(QueuePairType.RC)
                    .sendCompletionQueue(sends)
                    .receiveCompletionQueue(receives)
                    .maxSendRequests(COUNT)
                    .maxReceiveRequests(COUNT));
            Endpoint.connect(pair, pair);
            for (int i = 0; i < 3; i++) {
                assertThat(pair.postReceive(new ReceiveRequest(i, world.a.piece(4096, 64))))
                        .isNull();
                assertThat(pair.postSend(new SendRequest()
                                .wrId(i)
                                .sge(world.a.piece(0, 8))
                                .flags(SendFlags.SIGNALED)))
                        .isNull();
            }
            assertThat(world.schedule.step()).isTrue();
            pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
            assertThat(ids(sends, false)).containsExactly(0L);
            assertThat(ids(receives, true)).containsExactly(0L);
            run(world);
            assertThat(ScheduledWorld.poll(sends)).isEmpty();
            assertThat(ScheduledWorld.poll(receives)).isEmpty();
        }
    }

    @Test
    @DisplayName("§1.5 closing a queue whose event is raised and not delivered leaves no step behind")
    void closeWithdrawsEvent() {
        try (ScheduledWorld world = new ScheduledWorld(6, Freedoms.none().with(Freedom.LATE_EVENTS, 100))) {
            Wire wire = world.wire(QueuePairType.RC);
            assertThat(wire.ofA().requestNotify(NotificationType.ANY)).isFalse();
            wire.receive(1);
            wire.post(wire.send(1, 8));
            while (ScheduledWorld.poll(wire.ofA()).isEmpty()) {
                assertThat(world.schedule.step()).isTrue();
            }
            wire.a().close();
            wire.b().close();
            wire.ofB().close();
            assertThat(world.schedule.pendingSteps()).as("the event").isEqualTo(1);
            wire.ofA().close();
            assertThat(world.schedule.pendingSteps()).isZero();
            assertThat(world.a.channel.tryGetEvent()).isNull();
        }
    }

    @Test
    @DisplayName("§2.2 SQD: what was begun and waits for its next try is finished, what is behind it is not begun")
    void drainsWhatRetries() {
        try (ScheduledWorld world = new ScheduledWorld(7, Freedoms.none())) {
            Wire wire = world.wire(QueuePairType.RC);
            wire.post(wire.send(1, 8)); // there is no receive yet
            wire.post(wire.send(2, 8));
            assertThat(world.schedule.step()).isTrue();
            wire.a().modify(new QueuePairAttributes().state(QueuePairState.SQD));
            assertThat(wire.a().query().draining()).isTrue();
            wire.receive(1);
            wire.receive(2);
            run(world);
            assertThat(wire.a().query().draining()).isFalse();
            assertThat(ids(wire.ofA(), false)).containsExactly(1L);
            wire.a().modify(new QueuePairAttributes().state(QueuePairState.RTS));
            run(world);
            assertThat(ids(wire.ofA(), false)).containsExactly(2L);
        }
    }

    @Test
    @DisplayName("§1.8 closing a queue whose event is delayed leaves no timer behind")
    void closeEndsDelay() {
        try (ScheduledWorld world = new ScheduledWorld(4, Freedoms.none())) {
            Wire wire = world.wire(QueuePairType.RC);
            wire.ofA().moderate(10, 1_000);
            assertThat(wire.ofA().requestNotify(NotificationType.ANY)).isFalse();
            wire.receive(1);
            wire.post(wire.send(1, 8));
            while (ScheduledWorld.poll(wire.ofA()).isEmpty()) {
                assertThat(world.schedule.step()).isTrue();
            }
            assertThat(ids(wire.ofB(), true)).hasSizeLessThan(2);
            while (world.schedule.pendingSteps() > 1) {
                assertThat(world.schedule.step()).isTrue();
            }
            assertThat(world.schedule.pendingSteps()).as("the delay").isEqualTo(1);
            wire.a().close();
            wire.ofA().close();
            assertThat(world.schedule.pendingSteps()).isZero();
        }
    }

    @Test
    @DisplayName("§2.4(1), (16) RC: exactly once, in order, at both ends, with every freedom")
    void reliable() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(seed, Freedoms.all())) {
                Wire wire = world.wire(QueuePairType.RC);
                for (int i = 0; i < COUNT; i++) {
                    wire.post(wire.send(i, 64));
                    if (i % 2 == 0) {
                        wire.receive(i / 2);
                    }
                    int unused = world.schedule.runUntilIdle(i % 5);
                }
                for (int i = COUNT / 2; i < COUNT; i++) {
                    wire.receive(i);
                }
                run(world);
                assertThat(ids(wire.ofA(), false)).isEqualTo(upTo(COUNT));
                assertThat(ids(wire.ofB(), true)).isEqualTo(upTo(COUNT));
            }
        }
    }

    @Test
    @DisplayName("§2.4(16) a fetch-and-add whose answer is lost is carried out once, and its result arrives")
    void addsOnce() {
        Freedoms freedoms = Freedoms.all().with(Freedom.LOST_ANSWERS, 50);
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(seed, freedoms)) {
                Wire wire = world.wire(QueuePairType.RC);
                world.b.memory.buffer().putLong(0, 0);
                for (int i = 0; i < COUNT; i++) {
                    wire.post(new SendRequest()
                            .wrId(i)
                            .sge(world.a.piece(8 * i, 8))
                            .flags(SendFlags.SIGNALED)
                            .fetchAndAdd(world.b.memory.address(), world.b.memory.rkey(), 1));
                }
                run(world);
                assertThat(ids(wire.ofA(), false)).isEqualTo(upTo(COUNT));
                assertThat(world.b.memory.buffer().getLong(0)).isEqualTo(COUNT);
                for (int i = 0; i < COUNT; i++) {
                    assertThat(world.a.memory.buffer().getLong(8 * i)).isEqualTo(i);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"UC", "UD"})
    @DisplayName("§2.4(16) UC and UD: each message at most once, in order, whole; sends all complete")
    void unreliable(QueuePairType type) {
        int arrived = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(seed, Freedoms.all())) {
                Wire wire = world.wire(type);
                SoftAddressHandle handle = world.handleToB();
                for (int i = 0; i < COUNT; i++) {
                    wire.receive(i);
                    SendRequest send = wire.send(i, 64).sendWithImmediate(i);
                    if (type == QueuePairType.UD) {
                        send.datagram(handle, wire.b().number(), Endpoint.QKEY);
                    }
                    wire.post(send);
                }
                run(world);
                assertThat(ids(wire.ofA(), false)).isEqualTo(upTo(COUNT));
                List<WorkCompletion> received = ScheduledWorld.poll(wire.ofB());
                assertThat(ScheduledWorld.ids(received, true)).isEqualTo(upTo(received.size()));
                List<Integer> messages =
                        received.stream().map(WorkCompletion::immediate).toList();
                assertThat(messages).isSorted().doesNotHaveDuplicates();
                arrived += received.size();
            }
        }
        assertThat(arrived).isBetween(SEEDS * COUNT / 2, SEEDS * COUNT - 1);
    }

    @Test
    @DisplayName("completions of different work queues come in different orders; without the freedom in one")
    void anyOrderBetweenQueues() {
        assertThat(orders(Freedoms.all())).hasSizeGreaterThan(3);
        assertThat(orders(Freedoms.none())).hasSize(1);
    }

    private static Set<List<Integer>> orders(Freedoms freedoms) {
        Set<List<Integer>> orders = new java.util.HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(seed, freedoms)) {
                SoftCompletionQueue shared = world.a.queue(64);
                List<SoftQueuePair> pairs = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    SoftQueuePair pair = world.a.pair(QueuePairType.RC, shared);
                    Endpoint.connect(pair, pair);
                    pairs.add(pair);
                }
                for (SoftQueuePair pair : pairs) {
                    var unused = pair.postSend(new SendRequest()
                            .flags(SendFlags.SIGNALED)
                            .write(world.a.memory.address(), world.a.memory.rkey()));
                }
                run(world);
                orders.add(ScheduledWorld.poll(shared).stream()
                        .map(WorkCompletion::queuePairNumber)
                        .toList());
            }
        }
        return orders;
    }

    @Test
    @DisplayName("§1.2 an event only after an arm, at most one for each; the canonical loop loses no wake-up")
    void events() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(seed, Freedoms.all())) {
                Wire wire = world.wire(QueuePairType.RC);
                int posted = 0;
                int seen = 0;
                int arms = 0;
                int events = 0;
                boolean unusedNotEmpty = wire.ofB().requestNotify(NotificationType.ANY);
                arms++;
                while (seen < COUNT) {
                    if (posted < COUNT) {
                        wire.receive(posted);
                        wire.post(wire.send(posted++, 8));
                    }
                    boolean stepped = world.schedule.step();
                    SoftCompletionQueue fired = world.b.channel.tryGetEvent();
                    if (fired == null) {
                        assertThat(stepped || posted < COUNT)
                                .as("idle, and %d of %d seen: a wake-up is lost", seen, COUNT)
                                .isTrue();
                        continue;
                    }
                    assertThat(fired).isSameAs(wire.ofB());
                    fired.ackEvents(1);
                    assertThat(++events).as("events").isLessThanOrEqualTo(arms);
                    boolean unused = fired.requestNotify(NotificationType.ANY);
                    arms++;
                    seen += ScheduledWorld.poll(fired).size();
                }
            }
        }
    }

    @Test
    @DisplayName("§1.2 without an arm no event is raised; an arm for solicited completions is not taken by others")
    void noEventWithoutArm() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(seed, Freedoms.all())) {
                Wire wire = world.wire(QueuePairType.RC);
                boolean unused = wire.ofA().requestNotify(NotificationType.SOLICITED);
                for (int i = 0; i < COUNT; i++) {
                    wire.receive(i);
                    wire.post(wire.send(i, 8));
                }
                run(world);
                assertThat(world.a.channel.unreadEvents()).isZero();
                assertThat(world.b.channel.unreadEvents()).isZero();
                unused = wire.ofA().requestNotify(NotificationType.SOLICITED);
                run(world);
                assertThat(world.a.channel.unreadEvents()).isZero();
            }
        }
    }

    @Test
    @DisplayName("refusals and losses at every chance do not fail a queue pair, however few retries it has")
    void neverFailsByItself() {
        Freedoms freedoms = Freedoms.all()
                .with(Freedom.REFUSALS, 100)
                .with(Freedom.LOST_REQUESTS, 60)
                .with(Freedom.LOST_ANSWERS, 100);
        for (int retries = 0; retries <= 6; retries += 2) {
            for (long seed = 0; seed < 10; seed++) {
                try (ScheduledWorld world = new ScheduledWorld(seed, freedoms)) {
                    Wire wire = world.wire(QueuePairType.RC);
                    wire.a().modify(new QueuePairAttributes().state(QueuePairState.SQD));
                    run(world);
                    wire.a()
                            .modify(new QueuePairAttributes()
                                    .state(QueuePairState.SQD)
                                    .retryCount(retries)
                                    .rnrRetry(retries));
                    wire.a().modify(new QueuePairAttributes().state(QueuePairState.RTS));
                    for (int i = 0; i < COUNT; i++) {
                        wire.receive(i);
                        wire.post(wire.send(i, 8));
                    }
                    run(world);
                    assertThat(ids(wire.ofA(), false)).isEqualTo(upTo(COUNT));
                    assertThat(ids(wire.ofB(), true)).isEqualTo(upTo(COUNT));
                }
            }
        }
    }

    @Test
    @DisplayName("§2.4(3) a slot is not free before its completion was delivered and polled")
    void slots() {
        try (ScheduledWorld world = new ScheduledWorld(1, Freedoms.none())) {
            Wire wire = world.wire(QueuePairType.RC);
            int depth = wire.a().capabilities().maxSendRequests();
            for (int i = 0; i < depth; i++) {
                wire.post(wire.write(i, 8));
            }
            SendRequest another = wire.write(99, 8);
            assertThat(wire.a().postSend(another)).isSameAs(another);
            assertThat(world.schedule.step()).isTrue();
            assertThat(world.schedule.trace().get(0)).contains("execute");
            assertThat(wire.a().postSend(another)).as("executed").isSameAs(another);
            assertThat(world.schedule.step()).isTrue();
            assertThat(wire.a().postSend(another)).as("delivered").isSameAs(another);
            assertThat(ScheduledWorld.poll(wire.ofA())).hasSize(1);
            assertThat(wire.a().postSend(another)).as("polled").isNull();
        }
    }

    @Test
    @DisplayName("§2.2 a reset delivers or discards what is on its way; nothing of before comes after, no slot is lost")
    void reset() {
        Set<Integer> kept = new java.util.HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world =
                    new ScheduledWorld(seed, Freedoms.lossless().with(Freedom.DISCARDED_COMPLETIONS, 50))) {
                Wire wire = world.wire(QueuePairType.RC);
                for (int i = 0; i < 10; i++) {
                    wire.post(wire.write(i, 8));
                }
                int unused = world.schedule.runUntilIdle(8);
                wire.a().modify(new QueuePairAttributes().state(QueuePairState.RESET));
                wire.b().modify(new QueuePairAttributes().state(QueuePairState.RESET));
                List<Long> before = ids(wire.ofA(), false);
                assertThat(before).isEqualTo(upTo(before.size()));
                kept.add(before.size());
                run(world);
                assertThat(ScheduledWorld.poll(wire.ofA())).isEmpty();
                Endpoint.connect(wire.a(), wire.b());
                for (int i = 0; i < ScheduledWorld.DEPTH; i++) {
                    wire.post(wire.write(i, 8));
                }
                run(world);
                assertThat(ids(wire.ofA(), false)).isEqualTo(upTo(ScheduledWorld.DEPTH));
            }
        }
        assertThat(kept).hasSizeGreaterThan(3);
    }

    @Test
    @DisplayName(
            "§2.7 a slot of a shared receive queue is free neither before its completion is polled nor lost in a reset")
    void sharedReceives() {
        int depth = 8;
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world =
                    new ScheduledWorld(seed, Freedoms.lossless().with(Freedom.DISCARDED_COMPLETIONS, 100))) {
                SoftCompletionQueue queue = world.a.queue(64);
                SoftSharedReceiveQueue shared = world.a.domain.createSharedReceiveQueue(
                        new SharedReceiveQueueAttributes().maxRequests(depth).maxElements(1));
                SoftQueuePair pair = world.a.domain.createQueuePair(new QueuePairInitAttributes()
                        .completionQueue(queue)
                        .sharedReceiveQueue(shared)
                        .maxSendRequests(depth));
                Endpoint.connect(pair, pair);
                for (int i = 0; i < depth; i++) {
                    assertThat(shared.postReceive(new ReceiveRequest(i, world.a.piece(0, 8))))
                            .isNull();
                    assertThat(pair.postSend(new SendRequest().sge(world.a.piece(8, 8))))
                            .isNull();
                }
                int unused = world.schedule.runUntilIdle(12);
                ReceiveRequest another = new ReceiveRequest(99, world.a.piece(0, 8));
                assertThat(shared.postReceive(another)).as("full").isSameAs(another);
                pair.modify(new QueuePairAttributes().state(QueuePairState.ERR));
                pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
                int left = ScheduledWorld.poll(queue).stream()
                        .filter(WorkCompletion::isReceive)
                        .toList()
                        .size();
                int free = 0;
                while (shared.postReceive(another) == null) {
                    free++;
                }
                assertThat(free).as("%d polled", left).isGreaterThanOrEqualTo(left);
                pair.close();
                run(world);
                SoftQueuePair next = world.a.domain.createQueuePair(new QueuePairInitAttributes()
                        .completionQueue(queue)
                        .sharedReceiveQueue(shared)
                        .maxSendRequests(64));
                Endpoint.connect(next, next);
                for (int i = 0; i < depth; i++) {
                    assertThat(next.postSend(new SendRequest().sge(world.a.piece(8, 8))))
                            .isNull();
                }
                unused = world.schedule.runUntilIdle(500);
                assertThat(ScheduledWorld.poll(queue).stream().filter(WorkCompletion::isReceive))
                        .as("no slot is lost")
                        .hasSize(depth);
            }
        }
    }

    @Test
    @DisplayName("a weakly ordered send queue: completions overtake, but not a fenced one; receives stay in order")
    void weakOrder() {
        Set<Capability> capabilities = EnumSet.copyOf(SoftDeviceOptions.DEFAULT.capabilities());
        capabilities.add(Capability.WEAK_ORDER);
        SoftDeviceOptions weak = SoftDeviceOptions.DEFAULT.withCapabilities(capabilities);
        int fence = 10;
        Map<Boolean, Integer> orders = new HashMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(SoftSchedule.seeded(seed), weak)) {
                Wire wire = world.wire(QueuePairType.RC);
                for (int i = 0; i < 20; i++) {
                    wire.receive(i);
                    wire.post(wire.send(i, 8).flags(SendFlags.SIGNALED | (i == fence ? SendFlags.FENCE : 0)));
                }
                run(world);
                List<Long> sent = ids(wire.ofA(), false);
                assertThat(sent).containsExactlyInAnyOrderElementsOf(upTo(20));
                assertThat(sent.get(fence)).isEqualTo(fence);
                assertThat(sent.subList(0, fence)).allMatch(id -> id < fence);
                assertThat(ids(wire.ofB(), true)).isEqualTo(upTo(20));
                orders.merge(sent.equals(upTo(20)), 1, Integer::sum);
                for (int i = 0; i < ScheduledWorld.DEPTH; i++) {
                    wire.post(wire.write(i, 8)); // all slots are free again
                }
            }
        }
        assertThat(orders.getOrDefault(false, 0)).isGreaterThan(SEEDS / 2);
    }

    @Test
    @DisplayName("§2.4(4) on a weakly ordered send queue too, what failed first completes before what is flushed")
    void weakOrderFailure() {
        Set<Capability> capabilities = EnumSet.copyOf(SoftDeviceOptions.DEFAULT.capabilities());
        capabilities.add(Capability.WEAK_ORDER);
        SoftDeviceOptions weak = SoftDeviceOptions.DEFAULT.withCapabilities(capabilities);
        for (long seed = 0; seed < SEEDS; seed++) {
            try (ScheduledWorld world = new ScheduledWorld(SoftSchedule.seeded(seed), weak)) {
                Wire wire = world.wire(QueuePairType.RC);
                for (int i = 0; i < 5; i++) {
                    wire.post(wire.write(i, 8));
                }
                wire.post(wire.send(5, 8).write(0, 0));
                wire.post(wire.write(6, 8));
                wire.post(wire.write(7, 8));
                run(world);
                List<WorkCompletion> completions = ScheduledWorld.poll(wire.ofA());
                assertThat(completions.subList(5, 8).stream().map(WorkCompletion::status))
                        .containsExactly(
                                WorkCompletionStatus.REM_ACCESS_ERR,
                                WorkCompletionStatus.WR_FLUSH_ERR,
                                WorkCompletionStatus.WR_FLUSH_ERR);
            }
        }
    }
}
