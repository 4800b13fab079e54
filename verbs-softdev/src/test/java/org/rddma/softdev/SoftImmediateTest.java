package org.rddma.softdev;

import org.rddma.verbs.conformance.ImmediateConformance;

final class SoftImmediateTest extends ImmediateConformance implements SoftDeviceUnderTest {}
