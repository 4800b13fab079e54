package org.rddma.softdev;

import org.rddma.verbs.conformance.RemovalConformance;

final class SoftRemovalTest extends RemovalConformance implements OwnDevicesUnderTest {
    private final OwnDevices devices = new OwnDevices(SoftDeviceOptions.DEFAULT);

    @Override
    public OwnDevices devices() {
        return devices;
    }
}
