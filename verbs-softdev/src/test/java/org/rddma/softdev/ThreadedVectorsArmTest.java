package org.rddma.softdev;

import org.rddma.verbs.conformance.ArmConformance;

final class ThreadedVectorsArmTest extends ArmConformance implements ThreadedVectorsUnderTest {}
