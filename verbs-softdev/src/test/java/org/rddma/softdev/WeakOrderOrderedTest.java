package org.rddma.softdev;

import org.rddma.verbs.conformance.OrderedConformance;

final class WeakOrderOrderedTest extends OrderedConformance implements WeakOrderUnderTest {}
