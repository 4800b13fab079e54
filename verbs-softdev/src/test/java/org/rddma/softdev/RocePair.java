package org.rddma.softdev;

import org.rddma.verbs.conformance.DeviceFaults;

/** Two devices on the wire, at two addresses of this host: what happens to the first touches nobody else's. */
final class RocePair implements DeviceFaults {
    final SoftDevice first;
    final SoftDevice second;

    RocePair(RoceOptions firstOptions, RoceOptions secondOptions) {
        first = SoftDevice.roce(firstOptions);
        second = SoftDevice.roce(secondOptions);
    }

    RocePair(String firstAddress, String secondAddress, RoceFaults faults) {
        this(
                RoceOptions.of(RoceNames.parse(firstAddress)).withFaults(faults),
                RoceOptions.of(RoceNames.parse(secondAddress)).withFaults(faults));
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
