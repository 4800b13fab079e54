package org.rddma.softdev;

import org.rddma.verbs.conformance.MemoryWindowType1Conformance;

final class BareMemoryWindowType1Test extends MemoryWindowType1Conformance implements BareDeviceUnderTest {}
