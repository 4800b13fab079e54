package org.rddma.softdev;

import org.rddma.verbs.conformance.LeakConformance;

final class ThreadedVectorsLeakTest extends LeakConformance implements ThreadedVectorsUnderTest {}
