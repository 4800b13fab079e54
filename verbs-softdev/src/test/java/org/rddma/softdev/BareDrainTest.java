package org.rddma.softdev;

import org.rddma.verbs.conformance.DrainConformance;

final class BareDrainTest extends DrainConformance implements BareDeviceUnderTest {}
