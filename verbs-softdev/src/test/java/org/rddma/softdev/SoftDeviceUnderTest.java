package org.rddma.softdev;

import java.time.Duration;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** The software device with its defaults: everything happens before a post returns. */
interface SoftDeviceUnderTest extends DeviceUnderTest {
    @Override
    default String device() {
        return "soft0";
    }

    @Override
    default String otherDevice() {
        return "soft1";
    }

    @Override
    default String threadPrefix() {
        return "soft";
    }

    @Override
    default Duration settleTime() {
        return Duration.ZERO;
    }
}
