package org.rddma.softdev;

import org.rddma.verbs.conformance.EventLoopConformance;

final class ThreadedVectorsEventLoopTest extends EventLoopConformance implements ThreadedVectorsUnderTest {}
