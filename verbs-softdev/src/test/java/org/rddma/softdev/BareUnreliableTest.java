package org.rddma.softdev;

import org.rddma.verbs.conformance.UnreliableConformance;

final class BareUnreliableTest extends UnreliableConformance implements BareDeviceUnderTest {}
