package org.rddma.softdev;

import java.time.Duration;
import java.util.Set;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** Software devices that can do nothing but what every device can: sends and writes over reliable connections. */
interface BareDeviceUnderTest extends DeviceUnderTest {
    /** Two devices on the fabric that programs find. */
    final class Devices {
        private static final SoftDeviceOptions OPTIONS = SoftDeviceOptions.DEFAULT.withCapabilities(Set.of());
        private static final SoftDevice FIRST = SoftFabric.shared().addDevice("bare0", OPTIONS);
        private static final SoftDevice SECOND = SoftFabric.shared().addDevice("bare1", OPTIONS);

        private Devices() {}
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
    default String threadPrefix() {
        return "bare";
    }

    @Override
    default Duration settleTime() {
        return Duration.ZERO;
    }
}
