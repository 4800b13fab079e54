package org.rddma.softdev;

import org.rddma.verbs.conformance.StateConformance;

final class ScheduledStateTest extends StateConformance implements ScheduledUnderTest {}
