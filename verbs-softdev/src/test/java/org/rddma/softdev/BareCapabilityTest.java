package org.rddma.softdev;

import org.rddma.verbs.conformance.CapabilityConformance;

final class BareCapabilityTest extends CapabilityConformance implements BareDeviceUnderTest {}
