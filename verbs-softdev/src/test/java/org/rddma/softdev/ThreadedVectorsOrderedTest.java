package org.rddma.softdev;

import org.rddma.verbs.conformance.OrderedConformance;

final class ThreadedVectorsOrderedTest extends OrderedConformance implements ThreadedVectorsUnderTest {}
