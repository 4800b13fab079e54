package org.rddma.softdev;

import org.rddma.verbs.conformance.StressConformance;

final class SoftStressTest extends StressConformance implements SoftDeviceUnderTest {}
