package org.rddma.softdev;

import org.rddma.verbs.conformance.UnreliableConformance;

final class ScheduledUnreliableTest extends UnreliableConformance implements ScheduledUnderTest {}
