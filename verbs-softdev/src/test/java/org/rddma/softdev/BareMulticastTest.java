package org.rddma.softdev;

import org.rddma.verbs.conformance.MulticastConformance;

final class BareMulticastTest extends MulticastConformance implements BareDeviceUnderTest {}
