package org.rddma.softdev;

import java.time.Duration;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** Software devices whose vectors deliver from threads of their own: events come a moment after their completions. */
interface ThreadedVectorsUnderTest extends DeviceUnderTest {
    /** Two devices on a fabric of their own. */
    final class Devices {
        private static final SoftFabric FABRIC = new SoftFabric();
        private static final SoftDeviceOptions OPTIONS = SoftDeviceOptions.DEFAULT.withVectors(3, true);
        private static final SoftDevice FIRST = FABRIC.addDevice("threaded0", OPTIONS);
        private static final SoftDevice SECOND = FABRIC.addDevice("threaded1", OPTIONS);

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
    default Context open() {
        return Devices.FIRST.open();
    }

    @Override
    default Context openOther() {
        return Devices.SECOND.open();
    }

    @Override
    default String threadPrefix() {
        return "threaded";
    }

    @Override
    default Duration settleTime() {
        return Duration.ofMillis(10);
    }
}
