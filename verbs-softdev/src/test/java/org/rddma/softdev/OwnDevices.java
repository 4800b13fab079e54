package org.rddma.softdev;

import org.rddma.verbs.conformance.DeviceFaults;

/** Two devices on a fabric of their own, for one test. */
final class OwnDevices implements DeviceFaults {
    final SoftDevice first;
    final SoftDevice second;

    OwnDevices(SoftDeviceOptions options) {
        SoftFabric fabric = new SoftFabric();
        first = fabric.addDevice("own0", options);
        second = fabric.addDevice("own1", options);
    }

    @Override
    public void portDown() {
        first.portDown();
    }

    @Override
    public void portUp() {
        first.portUp();
    }

    @Override
    public void remove() {
        first.remove();
    }
}
