package org.rddma.softdev;

import org.rddma.verbs.conformance.EventLoopConformance;

final class SoftEventLoopTest extends EventLoopConformance implements OwnDevicesUnderTest {
    private final OwnDevices devices = new OwnDevices(SoftDeviceOptions.DEFAULT);

    @Override
    public OwnDevices devices() {
        return devices;
    }
}
