package org.rddma.softdev;

import org.rddma.verbs.conformance.AllConformance;

final class TracedTest extends AllConformance implements TracedUnderTest {}
