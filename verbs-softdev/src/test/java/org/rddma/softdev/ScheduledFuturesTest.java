package org.rddma.softdev;

import org.rddma.verbs.conformance.FuturesConformance;

final class ScheduledFuturesTest extends FuturesConformance implements ScheduledUnderTest {}
