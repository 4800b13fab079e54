package org.rddma.softdev;

import org.rddma.verbs.conformance.StateConformance;

final class SoftStateTest extends StateConformance implements SoftDeviceUnderTest {}
