package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.rddma.softdev.ScheduledWorld.Wire;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/**
 * A program with a bit of everything: sends, writes, reads and atomics on three kinds of connections, receives that
 * come late, arms, events. It notes what it sees, and checks what must hold whatever the schedule does.
 */
final class ScheduledProgram {
    private static final int MESSAGES = 30;

    private final ScheduledWorld world;
    private final Random random;
    private final List<String> seen = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();
    private int events;
    private int arms;

    /** What a run has shown. */
    record Outcome(List<String> trace, List<String> seen, long nanos) {}

    private ScheduledProgram(ScheduledWorld world, long programSeed) {
        this.world = world;
        random = new Random(programSeed);
    }

    static Outcome run(long seed, Freedoms freedoms, long programSeed) {
        try (ScheduledWorld world = new ScheduledWorld(seed, freedoms)) {
            ScheduledProgram program = new ScheduledProgram(world, programSeed);
            program.run();
            return new Outcome(world.schedule.trace(), program.seen, world.schedule.nowNanos());
        }
    }

    private void run() {
        Wire rc = wire(QueuePairType.RC);
        Wire uc = wire(QueuePairType.UC);
        Wire ud = wire(QueuePairType.UD);
        SoftAddressHandle handle = world.handleToB();
        for (long id = 0; id < MESSAGES; id++) {
            rc.post(request(rc, id));
            uc.post(random.nextBoolean() ? uc.send(id, 100) : uc.write(id, 100));
            ud.post(ud.send(id, 64).datagram(handle, ud.b().number(), org.rddma.verbs.app.Endpoint.QKEY));
            if (random.nextInt(3) > 0) {
                wires.get(random.nextInt(3)).receive(1000 + id);
            }
            look();
            for (int i = random.nextInt(6); i > 0; i--) {
                boolean unused = world.schedule.step();
            }
        }
        for (long id = 0; id < MESSAGES; id++) {
            rc.receive(2000 + id);
        }
        int unused = world.schedule.runUntilIdle(1_000_000);
        assertThat(world.schedule.pendingSteps()).isZero();
        look();
    }

    private Wire wire(QueuePairType type) {
        Wire wire = world.wire(type);
        wires.add(wire);
        return wire;
    }

    private SendRequest request(Wire wire, long id) {
        SendRequest request = switch (random.nextInt(5)) {
            case 0 -> wire.send(id, random.nextInt(2000));
            case 1 ->
                wire.write(id, 64)
                        .writeWithImmediate(
                                wire.far().memory.address(), wire.far().memory.rkey(), 7);
            case 2 ->
                wire.send(id, 8)
                        .read(wire.far().memory.address(), wire.far().memory.rkey());
            case 3 ->
                wire.send(id, 8)
                        .fetchAndAdd(
                                wire.far().memory.address(), wire.far().memory.rkey(), 1);
            default -> wire.send(id, 16);
        };
        return random.nextInt(4) == 0 ? request.flags(0) : request.flags(SendFlags.SIGNALED);
    }

    private void look() {
        Wire wire = wires.get(random.nextInt(3));
        SoftCompletionQueue queue = random.nextBoolean() ? wire.ofA() : wire.ofB();
        boolean notEmpty =
                queue.requestNotify(random.nextInt(4) == 0 ? NotificationType.SOLICITED : NotificationType.ANY);
        arms++;
        seen.add("armed " + queue + " " + notEmpty);
        for (SoftCompletionChannel channel : List.of(world.a.channel, world.b.channel)) {
            SoftCompletionQueue fired = channel.tryGetEvent();
            if (fired != null) {
                fired.ackEvents(1);
                events++;
                seen.add("event of " + fired);
                for (WorkCompletion completion : ScheduledWorld.poll(fired)) {
                    seen.add(completion.toString());
                }
            }
        }
        assertThat(events).as("no event without an arm").isLessThanOrEqualTo(arms);
    }
}
