package org.rddma.softdev;

import org.rddma.verbs.conformance.DrainConformance;

final class SoftDrainTest extends DrainConformance implements SoftDeviceUnderTest {}
