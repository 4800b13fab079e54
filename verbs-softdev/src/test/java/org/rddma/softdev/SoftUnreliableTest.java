package org.rddma.softdev;

import org.rddma.verbs.conformance.UnreliableConformance;

final class SoftUnreliableTest extends UnreliableConformance implements SoftDeviceUnderTest {}
