package org.rddma.softdev;

import org.rddma.verbs.conformance.EventAccountConformance;

final class ThreadedVectorsEventAccountProperties extends EventAccountConformance implements ThreadedVectorsUnderTest {}
