package org.rddma.softdev;

import org.rddma.verbs.conformance.LandingConformance;

final class SoftLandingTest extends LandingConformance implements SoftDeviceUnderTest {}
