package org.rddma.softdev;

import org.rddma.verbs.conformance.AtomicWriteConformance;

final class SoftAtomicWriteTest extends AtomicWriteConformance implements SoftDeviceUnderTest {}
