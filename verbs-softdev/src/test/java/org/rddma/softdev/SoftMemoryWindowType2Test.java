package org.rddma.softdev;

import org.rddma.verbs.conformance.MemoryWindowType2Conformance;

final class SoftMemoryWindowType2Test extends MemoryWindowType2Conformance implements SoftDeviceUnderTest {}
