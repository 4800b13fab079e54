package org.rddma.softdev;

import org.rddma.verbs.conformance.FailureConformance;

final class ScheduledFailureTest extends FailureConformance implements ScheduledUnderTest {}
