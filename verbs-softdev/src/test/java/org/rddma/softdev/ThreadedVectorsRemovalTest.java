package org.rddma.softdev;

import org.rddma.verbs.conformance.RemovalConformance;

final class ThreadedVectorsRemovalTest extends RemovalConformance implements OwnDevicesUnderTest {
    private final OwnDevices devices = new OwnDevices(SoftDeviceOptions.DEFAULT.withVectors(3, true));

    @Override
    public OwnDevices devices() {
        return devices;
    }
}
