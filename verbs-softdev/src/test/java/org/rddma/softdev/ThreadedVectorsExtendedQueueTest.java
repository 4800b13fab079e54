package org.rddma.softdev;

import org.rddma.verbs.conformance.ExtendedQueueConformance;

final class ThreadedVectorsExtendedQueueTest extends ExtendedQueueConformance implements ThreadedVectorsUnderTest {}
