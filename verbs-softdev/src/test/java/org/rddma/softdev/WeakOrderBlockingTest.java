package org.rddma.softdev;

import org.rddma.verbs.conformance.BlockingConformance;

final class WeakOrderBlockingTest extends BlockingConformance implements WeakOrderUnderTest {}
