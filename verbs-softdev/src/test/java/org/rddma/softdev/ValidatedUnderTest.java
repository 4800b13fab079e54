package org.rddma.softdev;

import org.rddma.verbs.Context;
import org.rddma.verbs.layer.Validation;

/** A device behind the validation layer, which reports to nobody: what it finds must not change what the verbs do. */
interface ValidatedUnderTest extends SoftDeviceUnderTest {
    @Override
    default Context open() {
        return Validation.of(SoftDeviceUnderTest.super.open(), finding -> System.out.println("FINDING " + finding));
    }

    @Override
    default Context openOther() {
        return Validation.of(
                SoftDeviceUnderTest.super.openOther(), finding -> System.out.println("FINDING " + finding));
    }
}
