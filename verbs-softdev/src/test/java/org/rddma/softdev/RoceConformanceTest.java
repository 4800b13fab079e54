package org.rddma.softdev;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.rddma.verbs.conformance.AllConformance;

/** All suites over the wire, between two devices at two addresses of this host. */
final class RoceConformanceTest extends AllConformance implements RoceUnderTest {
    private static final String FIRST = "127.0.5.1";
    private static final String SECOND = "127.0.5.2";

    private final RocePair devices = new RocePair(FIRST, SECOND, null);

    @Override
    public RocePair devices() {
        return devices;
    }

    /** A suite looks for the device's name among those that are listed. */
    @BeforeAll
    static void list() {
        System.setProperty(RoceDevices.PROPERTY, FIRST + "," + SECOND);
    }

    @AfterAll
    static void dontList() {
        System.clearProperty(RoceDevices.PROPERTY);
    }
}
