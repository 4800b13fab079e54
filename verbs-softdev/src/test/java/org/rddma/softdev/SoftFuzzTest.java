package org.rddma.softdev;

import org.rddma.verbs.conformance.FuzzConformance;

final class SoftFuzzTest extends FuzzConformance implements SoftDeviceUnderTest {}
