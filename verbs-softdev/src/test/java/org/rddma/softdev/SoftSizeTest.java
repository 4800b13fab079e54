package org.rddma.softdev;

import org.rddma.verbs.conformance.SizeConformance;

final class SoftSizeTest extends SizeConformance implements SoftDeviceUnderTest {}
