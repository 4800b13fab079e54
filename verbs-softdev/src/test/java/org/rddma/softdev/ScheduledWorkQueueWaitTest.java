package org.rddma.softdev;

import org.rddma.verbs.conformance.WorkQueueWaitConformance;

final class ScheduledWorkQueueWaitTest extends WorkQueueWaitConformance implements ScheduledUnderTest {
    @Override
    public int load(int operations) {
        return Math.max(1, operations / 100);
    }
}
