package org.rddma.softdev;

import org.rddma.verbs.conformance.PortConformance;

final class SoftPortTest extends PortConformance implements OwnDevicesUnderTest {
    private final OwnDevices devices = new OwnDevices(SoftDeviceOptions.DEFAULT);

    @Override
    public OwnDevices devices() {
        return devices;
    }
}
