package org.rddma.softdev;

import org.rddma.verbs.conformance.InvalidateConformance;

final class BareInvalidateTest extends InvalidateConformance implements BareDeviceUnderTest {}
