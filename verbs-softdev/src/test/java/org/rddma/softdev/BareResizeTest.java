package org.rddma.softdev;

import org.rddma.verbs.conformance.ResizeConformance;

final class BareResizeTest extends ResizeConformance implements BareDeviceUnderTest {}
