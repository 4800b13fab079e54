package org.rddma.softdev;

import org.rddma.verbs.conformance.ResizeModelConformance;

final class ThreadedVectorsResizeProperties extends ResizeModelConformance implements ThreadedVectorsUnderTest {}
