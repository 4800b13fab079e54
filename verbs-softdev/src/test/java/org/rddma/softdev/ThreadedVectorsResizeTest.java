package org.rddma.softdev;

import org.rddma.verbs.conformance.ResizeConformance;

final class ThreadedVectorsResizeTest extends ResizeConformance implements ThreadedVectorsUnderTest {}
