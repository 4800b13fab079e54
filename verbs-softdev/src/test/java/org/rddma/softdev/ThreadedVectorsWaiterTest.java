package org.rddma.softdev;

import org.rddma.verbs.conformance.WaiterConformance;

final class ThreadedVectorsWaiterTest extends WaiterConformance implements ThreadedVectorsUnderTest {}
