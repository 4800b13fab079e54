package org.rddma.softdev;

import org.rddma.verbs.conformance.AtomicWriteConformance;

final class BareAtomicWriteTest extends AtomicWriteConformance implements BareDeviceUnderTest {}
