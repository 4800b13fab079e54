package org.rddma.softdev;

import org.rddma.verbs.conformance.FutureEndsConformance;

final class ThreadedVectorsFuturesTest extends FutureEndsConformance implements ThreadedVectorsUnderTest {}
