package org.rddma.softdev;

import org.rddma.verbs.conformance.DeviceFaults;

/** Two devices on the wire, at two addresses of this host: what happens to the first touches nobody else's. */
final class RocePair implements DeviceFaults {
    final SoftDevice first;
    final SoftDevice second;

    RocePair(String firstAddress, String secondAddress, RoceFaults faults) {
        first = device(firstAddress, faults);
        second = device(secondAddress, faults);
    }

    private static SoftDevice device(String address, RoceFaults faults) {
        return SoftDevice.roce(RoceOptions.of(RoceNames.parse(address)).withFaults(faults));
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
