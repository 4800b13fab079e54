package org.rddma.softdev;

import org.rddma.verbs.conformance.OpcodeConformance;

final class ScheduledOpcodeTest extends OpcodeConformance implements ScheduledUnderTest {}
