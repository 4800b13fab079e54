package org.rddma.softdev;

import org.rddma.verbs.conformance.BlockingConformance;

final class ThreadedVectorsBlockingTest extends BlockingConformance implements ThreadedVectorsUnderTest {}
