package org.rddma.softdev;

import org.rddma.verbs.conformance.OrderedConformance;

final class ScheduledOrderedTest extends OrderedConformance implements ScheduledUnderTest {}
