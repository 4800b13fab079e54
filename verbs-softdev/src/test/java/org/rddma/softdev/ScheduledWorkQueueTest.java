package org.rddma.softdev;

import org.rddma.verbs.conformance.WorkQueueConformance;

final class ScheduledWorkQueueTest extends WorkQueueConformance implements ScheduledUnderTest {
    @Override
    public int load(int operations) {
        return Math.max(1, operations / 100);
    }

    @Override
    public boolean completesInPost() {
        return false;
    }
}
