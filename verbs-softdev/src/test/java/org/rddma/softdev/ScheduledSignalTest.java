package org.rddma.softdev;

import org.rddma.verbs.conformance.SignalConformance;

final class ScheduledSignalTest extends SignalConformance implements ScheduledUnderTest {}
