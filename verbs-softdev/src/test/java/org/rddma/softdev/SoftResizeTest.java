package org.rddma.softdev;

import org.rddma.verbs.conformance.ResizeConformance;

final class SoftResizeTest extends ResizeConformance implements SoftDeviceUnderTest {}
