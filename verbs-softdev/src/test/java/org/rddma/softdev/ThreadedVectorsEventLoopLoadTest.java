package org.rddma.softdev;

import org.rddma.verbs.conformance.EventLoopLoadConformance;

final class ThreadedVectorsEventLoopLoadTest extends EventLoopLoadConformance implements ThreadedVectorsUnderTest {}
