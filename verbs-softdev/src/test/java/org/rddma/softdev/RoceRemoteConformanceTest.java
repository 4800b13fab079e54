package org.rddma.softdev;

import java.nio.ByteBuffer;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.AllConformance;
import org.rddma.verbs.conformance.remote.RemoteDevice;

/**
 * All suites over the wire, between two processes: where a suite connects two ends, the second is in another virtual machine.
 */
@Tag("slow")
@net.jqwik.api.Tag("slow")
final class RoceRemoteConformanceTest extends AllConformance implements RoceUnderTest {
    private static final String FIRST = "127.0.5.25";
    private static final String SECOND = "127.0.5.26";

    private static RemoteDevice remote;

    private final RocePair devices = new RocePair(FIRST, SECOND, null);

    @Override
    public RocePair devices() {
        return devices;
    }

    /** For Jupiter's suites and for those of jqwik. A suite looks for the device's name among those that are listed. */
    @BeforeAll
    @BeforeContainer
    static void start() {
        System.setProperty(RoceDevices.PROPERTY, FIRST + "," + SECOND);
        remote = new RemoteDevice("roce:" + SECOND);
    }

    @AfterAll
    @AfterContainer
    static void stop() {
        System.clearProperty(RoceDevices.PROPERTY);
        remote.close();
    }

    @Override
    public Context openOther() {
        return remote.open();
    }

    @Override
    public boolean isOtherInThisProcess() {
        return false;
    }

    @Override
    public ByteBuffer memory(int bytes) {
        return remote.memory(bytes);
    }
}
