package org.rddma.softdev;

import org.rddma.verbs.conformance.ChosenAddressConformance;

final class SoftChosenAddressTest extends ChosenAddressConformance implements SoftDeviceUnderTest {}
