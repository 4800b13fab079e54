package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.softdev.ScheduledWorld.Wire;
import org.rddma.verbs.QueuePairType;

@Timeout(60)
class SoftScheduleTest {
    @Test
    @DisplayName("one seed, one history: the trace and what the program sees are the same, byte for byte")
    void sameSeedSameHistory() {
        for (long seed = 0; seed < 100; seed++) {
            ScheduledProgram.Outcome first = ScheduledProgram.run(seed, Freedoms.all(), seed % 5);
            ScheduledProgram.Outcome second = ScheduledProgram.run(seed, Freedoms.all(), seed % 5);
            assertThat(String.join("\n", second.trace())).isEqualTo(String.join("\n", first.trace()));
            assertThat(second).isEqualTo(first);
        }
    }

    @Test
    @DisplayName("different seeds make different histories of the same program")
    void differentSeedsDifferentHistories() {
        Set<String> histories = new HashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            histories.add(String.join(
                    "\n", ScheduledProgram.run(seed, Freedoms.all(), 1).trace()));
        }
        assertThat(histories).hasSize(50);
    }

    @Test
    @DisplayName("posting leaves a step to be done; nothing happens before it is")
    void nothingHappensByItself() {
        try (ScheduledWorld world = new ScheduledWorld(1, Freedoms.none())) {
            Wire wire = world.wire(QueuePairType.RC);
            wire.receive(9);
            wire.post(wire.send(5, 64));
            assertThat(ScheduledWorld.poll(wire.ofA())).isEmpty();
            assertThat(ScheduledWorld.poll(wire.ofB())).isEmpty();
            assertThat(world.schedule.trace()).isEmpty();
            assertThat(world.schedule.pendingSteps()).isEqualTo(1);
            assertThat(world.schedule.runUntilIdle()).isEqualTo(3);
            assertThat(world.schedule.step()).isFalse();
            String number = "soft0:" + wire.a().number();
            String peer = "soft1:" + wire.b().number();
            assertThat(world.schedule.trace().stream().map(line -> line.replaceFirst("us .*", "us")))
                    .allMatch(line -> line.matches("#\\d \\d+\\.\\d{3}us"));
            assertThat(world.schedule.trace().stream().map(line -> line.replaceFirst("^\\S+ \\S+ ", "")))
                    .containsExactly(
                            "execute queue pair " + number + " send wr 5 send 64 bytes -> queue pair " + peer
                                    + ": done",
                            "complete queue pair " + peer + " recv wr 9 success -> " + wire.ofB(),
                            "complete queue pair " + number + " send wr 5 success -> " + wire.ofA());
            assertThat(ScheduledWorld.ids(ScheduledWorld.poll(wire.ofA()), false))
                    .containsExactly(5L);
            assertThat(ScheduledWorld.ids(ScheduledWorld.poll(wire.ofB()), true))
                    .containsExactly(9L);
        }
    }

    @Test
    @DisplayName("a schedule is of one fabric")
    void oneFabric() {
        SoftSchedule schedule = SoftSchedule.seeded(1);
        SoftFabric unused = new SoftFabric(schedule);
        assertThatThrownBy(() -> new SoftFabric(schedule)).isInstanceOf(IllegalArgumentException.class);
    }
}
