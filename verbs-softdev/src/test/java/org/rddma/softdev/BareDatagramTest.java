package org.rddma.softdev;

import org.rddma.verbs.conformance.DatagramConformance;

final class BareDatagramTest extends DatagramConformance implements BareDeviceUnderTest {}
