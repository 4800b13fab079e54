package org.rddma.softdev;

import org.rddma.verbs.conformance.InvalidateConformance;

final class SoftInvalidateTest extends InvalidateConformance implements SoftDeviceUnderTest {}
