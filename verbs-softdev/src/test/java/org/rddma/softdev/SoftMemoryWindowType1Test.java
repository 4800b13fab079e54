package org.rddma.softdev;

import org.rddma.verbs.conformance.MemoryWindowType1Conformance;

final class SoftMemoryWindowType1Test extends MemoryWindowType1Conformance implements SoftDeviceUnderTest {}
