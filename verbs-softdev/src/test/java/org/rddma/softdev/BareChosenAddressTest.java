package org.rddma.softdev;

import org.rddma.verbs.conformance.ChosenAddressConformance;

final class BareChosenAddressTest extends ChosenAddressConformance implements BareDeviceUnderTest {}
