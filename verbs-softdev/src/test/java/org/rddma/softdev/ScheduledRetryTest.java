package org.rddma.softdev;

import org.rddma.verbs.conformance.RetryConformance;

final class ScheduledRetryTest extends RetryConformance implements ScheduledUnderTest {}
