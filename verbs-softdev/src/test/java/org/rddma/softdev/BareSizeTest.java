package org.rddma.softdev;

import org.rddma.verbs.conformance.SizeConformance;

final class BareSizeTest extends SizeConformance implements BareDeviceUnderTest {}
