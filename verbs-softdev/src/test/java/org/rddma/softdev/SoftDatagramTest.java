package org.rddma.softdev;

import org.rddma.verbs.conformance.DatagramConformance;

final class SoftDatagramTest extends DatagramConformance implements SoftDeviceUnderTest {}
