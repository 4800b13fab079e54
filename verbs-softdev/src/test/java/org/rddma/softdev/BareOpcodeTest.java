package org.rddma.softdev;

import org.rddma.verbs.conformance.OpcodeConformance;

final class BareOpcodeTest extends OpcodeConformance implements BareDeviceUnderTest {}
