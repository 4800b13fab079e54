package org.rddma.softdev;

import org.rddma.verbs.conformance.SlotConformance;

final class ScheduledSlotTest extends SlotConformance implements ScheduledUnderTest {}
