package org.rddma.softdev;

import org.junit.jupiter.api.Tag;
import org.rddma.verbs.conformance.AllConformance;

/** The suites on a device that is linked directly; those of the other classes come by {@code Verbs.open}. */
@Tag("slow")
@net.jqwik.api.Tag("slow")
final class DirectlyLinkedTest extends AllConformance implements SoftDeviceUnderTest {
    @Override
    public SoftContext open() {
        return SoftDevice.open(device());
    }

    @Override
    public SoftContext openOther() {
        return SoftDevice.open(otherDevice());
    }
}
