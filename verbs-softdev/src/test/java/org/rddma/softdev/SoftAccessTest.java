package org.rddma.softdev;

import org.rddma.verbs.conformance.AccessConformance;

final class SoftAccessTest extends AccessConformance implements SoftDeviceUnderTest {}
