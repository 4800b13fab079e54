package org.rddma.softdev;

import org.rddma.verbs.conformance.ModerationConformance;

final class SoftModerationTest extends ModerationConformance implements SoftDeviceUnderTest {}
