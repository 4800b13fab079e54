package org.rddma.softdev;

import org.rddma.verbs.Context;
import org.rddma.verbs.layer.Tracing;

/** A device behind the tracing layer. */
interface TracedUnderTest extends SoftDeviceUnderTest {
    @Override
    default Context open() {
        return Tracing.of(SoftDeviceUnderTest.super.open(), line -> {});
    }

    @Override
    default Context openOther() {
        return Tracing.of(SoftDeviceUnderTest.super.openOther(), line -> {});
    }

    @Override
    default int load(int operations) {
        return operations / 10; // a layer is slow
    }

    @Override
    default boolean isBehindLayer() {
        return true;
    }
}
