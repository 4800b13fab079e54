package org.rddma.softdev;

import org.rddma.verbs.conformance.AccessConformance;

final class BareAccessTest extends AccessConformance implements BareDeviceUnderTest {}
