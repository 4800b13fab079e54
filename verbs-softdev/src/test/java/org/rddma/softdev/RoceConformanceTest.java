package org.rddma.softdev;

import org.rddma.verbs.conformance.AllConformance;

/** All suites over the wire, between two addresses of this host. */
final class RoceConformanceTest extends AllConformance implements RoceUnderTest {
    private final RocePair devices = new RocePair("127.0.5.1", "127.0.5.2", null);

    @Override
    public RocePair devices() {
        return devices;
    }
}
