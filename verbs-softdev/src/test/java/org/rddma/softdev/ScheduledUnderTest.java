package org.rddma.softdev;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.DeviceUnderTest;

/**
 * Software devices whose schedule has a thread of its own, and every freedom that what the suites expect leaves room
 * for: messages of unreliable connections arrive, an event comes only for a completion, a wait ends only with an event.
 */
interface ScheduledUnderTest extends DeviceUnderTest {
    /** Two devices on a fabric of their own. */
    final class Devices {
        private static final SoftSchedule SCHEDULE = SoftSchedule.seeded(
                20,
                Freedoms.all()
                        .without(
                                Freedom.LOST_DATAGRAMS,
                                Freedom.LOST_MESSAGES,
                                Freedom.EXTRA_EVENTS,
                                Freedom.EMPTY_WAKEUPS,
                                Freedom.SLOW_STEPS)
                        .with(Freedom.REFUSALS, 2) // each costs as much time as on a real link
                        .with(Freedom.LOST_REQUESTS, 1)
                        .with(Freedom.LOST_ANSWERS, 1));
        private static final SoftFabric FABRIC = new SoftFabric(SCHEDULE);
        private static final SoftDevice FIRST = FABRIC.addDevice("scheduled0", SoftDeviceOptions.DEFAULT);
        private static final SoftDevice SECOND = FABRIC.addDevice("scheduled1", SoftDeviceOptions.DEFAULT);

        private Devices() {}
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
        return "scheduled";
    }

    @Override
    default Duration settleTime() {
        return Duration.ofMillis(20);
    }
}
