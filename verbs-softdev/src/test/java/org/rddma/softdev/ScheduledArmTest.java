package org.rddma.softdev;

import org.rddma.verbs.conformance.ArmConformance;

final class ScheduledArmTest extends ArmConformance implements ScheduledUnderTest {}
