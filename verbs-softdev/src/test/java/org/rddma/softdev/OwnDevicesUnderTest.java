package org.rddma.softdev;

import java.time.Duration;
import java.util.Optional;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.DeviceFaults;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** Software devices that every test instance has for itself: what happens to them touches no other test. */
interface OwnDevicesUnderTest extends DeviceUnderTest {
    /** The same every time. */
    OwnDevices devices();

    @Override
    default String device() {
        return devices().first.name();
    }

    @Override
    default String otherDevice() {
        return devices().second.name();
    }

    @Override
    default Context open() {
        return devices().first.open();
    }

    @Override
    default Context openOther() {
        return devices().second.open();
    }

    @Override
    default String threadPrefix() {
        return "own";
    }

    @Override
    default Duration settleTime() {
        return Duration.ofMillis(10);
    }

    @Override
    default Optional<DeviceFaults> faults() {
        return Optional.of(devices());
    }
}
