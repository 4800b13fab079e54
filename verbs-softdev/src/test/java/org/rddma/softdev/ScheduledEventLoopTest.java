package org.rddma.softdev;

import org.rddma.verbs.conformance.EventLoopConformance;

final class ScheduledEventLoopTest extends EventLoopConformance implements ScheduledUnderTest {}
