package org.rddma.softdev;

import org.rddma.verbs.conformance.BlockingConformance;

final class SoftBlockingTest extends BlockingConformance implements SoftDeviceUnderTest {}
