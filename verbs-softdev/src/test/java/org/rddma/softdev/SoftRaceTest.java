package org.rddma.softdev;

import org.rddma.verbs.conformance.RaceConformance;

final class SoftRaceTest extends RaceConformance implements SoftDeviceUnderTest {}
