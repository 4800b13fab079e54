package org.rddma.softdev;

import org.rddma.verbs.conformance.WaitConformance;

final class ThreadedVectorsWaitTest extends WaitConformance implements ThreadedVectorsUnderTest {}
