package org.rddma.softdev;

import org.rddma.verbs.conformance.CapabilityConformance;

final class SoftCapabilityTest extends CapabilityConformance implements SoftDeviceUnderTest {}
