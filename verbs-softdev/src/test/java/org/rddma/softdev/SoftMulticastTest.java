package org.rddma.softdev;

import org.rddma.verbs.conformance.MulticastConformance;

final class SoftMulticastTest extends MulticastConformance implements SoftDeviceUnderTest {}
