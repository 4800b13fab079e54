package org.rddma.softdev;

import org.rddma.verbs.conformance.ModerationConformance;

final class ThreadedVectorsModerationTest extends ModerationConformance implements ThreadedVectorsUnderTest {}
