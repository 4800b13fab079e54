package org.rddma.softdev;

import org.rddma.verbs.conformance.ArmConformance;

final class SoftArmTest extends ArmConformance implements SoftDeviceUnderTest {}
