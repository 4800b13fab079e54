package org.rddma.softdev;

import org.rddma.verbs.conformance.FutureEndsConformance;

final class SoftFutureEndsTest extends FutureEndsConformance implements OwnDevicesUnderTest {
    private final OwnDevices devices = new OwnDevices(SoftDeviceOptions.DEFAULT);

    @Override
    public OwnDevices devices() {
        return devices;
    }
}
