package org.rddma.softdev;

import org.rddma.verbs.conformance.WorkQueuesConformance;

final class ScheduledWorkQueuesTest extends WorkQueuesConformance implements ScheduledUnderTest {
    @Override
    public int load(int operations) {
        return Math.max(1, operations / 100);
    }
}
