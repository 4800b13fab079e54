package org.rddma.softdev;

import org.rddma.verbs.conformance.ImmediateConformance;

final class BareImmediateTest extends ImmediateConformance implements BareDeviceUnderTest {}
