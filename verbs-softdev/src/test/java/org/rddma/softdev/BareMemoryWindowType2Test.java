package org.rddma.softdev;

import org.rddma.verbs.conformance.MemoryWindowType2Conformance;

final class BareMemoryWindowType2Test extends MemoryWindowType2Conformance implements BareDeviceUnderTest {}
