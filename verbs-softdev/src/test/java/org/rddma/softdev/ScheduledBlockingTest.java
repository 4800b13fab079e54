package org.rddma.softdev;

import org.rddma.verbs.conformance.BlockingConformance;

final class ScheduledBlockingTest extends BlockingConformance implements ScheduledUnderTest {}
