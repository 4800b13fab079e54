package org.rddma.softdev;

import org.rddma.verbs.Context;
import org.rddma.verbs.layer.Validation;

/**
 * A device behind the validation layer. The suites do on purpose what a program must not, to see what comes of it, so that
 * findings are reported to nobody: the verbs must do what they do without the layer.
 */
interface ValidatedUnderTest extends SoftDeviceUnderTest {
    @Override
    default Context open() {
        return Validation.of(SoftDeviceUnderTest.super.open(), finding -> {});
    }

    @Override
    default Context openOther() {
        return Validation.of(SoftDeviceUnderTest.super.openOther(), finding -> {});
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
