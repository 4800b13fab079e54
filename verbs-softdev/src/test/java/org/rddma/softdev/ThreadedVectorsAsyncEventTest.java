package org.rddma.softdev;

import org.rddma.verbs.conformance.AsyncEventConformance;

final class ThreadedVectorsAsyncEventTest extends AsyncEventConformance implements ThreadedVectorsUnderTest {}
