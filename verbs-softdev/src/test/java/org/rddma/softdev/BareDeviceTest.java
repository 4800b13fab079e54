package org.rddma.softdev;

import org.rddma.verbs.conformance.AllConformance;

final class BareDeviceTest extends AllConformance implements BareDeviceUnderTest {}
