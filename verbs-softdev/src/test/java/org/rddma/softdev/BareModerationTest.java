package org.rddma.softdev;

import org.rddma.verbs.conformance.ModerationConformance;

final class BareModerationTest extends ModerationConformance implements BareDeviceUnderTest {}
