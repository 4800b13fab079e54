package org.rddma.softdev;

import org.rddma.verbs.conformance.OpcodeConformance;

final class SoftOpcodeTest extends OpcodeConformance implements SoftDeviceUnderTest {}
