package org.rddma.softdev;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** Software devices of weak order whose schedule has a thread of its own: completions of a send queue overtake each other. */
interface WeakOrderUnderTest extends DeviceUnderTest {
    /** Two devices on a fabric of their own. */
    final class Devices {
        private static final SoftSchedule SCHEDULE = SoftSchedule.seeded(
                5,
                Freedoms.all()
                        .without(Freedom.SLOW_STEPS)
                        .with(Freedom.REFUSALS, 2) // each costs as much time as on a real link
                        .with(Freedom.LOST_REQUESTS, 1)
                        .with(Freedom.LOST_ANSWERS, 1));
        private static final SoftFabric FABRIC = new SoftFabric(SCHEDULE);
        private static final SoftDevice FIRST = FABRIC.addDevice("weak0", weak());
        private static final SoftDevice SECOND = FABRIC.addDevice("weak1", weak());

        private Devices() {}

        private static SoftDeviceOptions weak() {
            Set<Capability> all = EnumSet.copyOf(SoftDeviceOptions.DEFAULT.capabilities());
            all.add(Capability.WEAK_ORDER);
            return SoftDeviceOptions.DEFAULT.withCapabilities(all);
        }
    }

    /** Before a test. */
    @BeforeEach
    default void startSchedule() {
        Devices.SCHEDULE.start();
    }

    /** After a test. */
    @AfterEach
    default void stopSchedule() {
        Devices.SCHEDULE.stop();
    }

    @Override
    default String device() {
        return Devices.FIRST.name();
    }

    @Override
    default String otherDevice() {
        return Devices.SECOND.name();
    }

    @Override
    default Context open() {
        return Devices.FIRST.open();
    }

    @Override
    default Context openOther() {
        return Devices.SECOND.open();
    }

    @Override
    default String threadPrefix() {
        return "weak";
    }

    @Override
    default boolean completesInPost() {
        return false;
    }

    @Override
    default Duration settleTime() {
        return Duration.ofMillis(20);
    }

    @Override
    default int load(int operations) {
        return operations / 10; // each is several steps
    }
}
