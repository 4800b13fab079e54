package org.rddma.softdev;

import org.rddma.verbs.conformance.SlotConformance;

final class ScheduledSlotTest extends SlotConformance implements ScheduledUnderTest {
    @Override
    protected int manyMessages() {
        return 5_000; // each is several steps, some of which wait for a timer
    }
}
