package org.rddma.softdev;

import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.rddma.verbs.conformance.ScatterGatherConformance;

final class ScheduledScatterGatherProperties extends ScatterGatherConformance implements ScheduledUnderTest {
    @Override
    @BeforeProperty
    public void startSchedule() {
        ScheduledUnderTest.super.startSchedule();
    }

    @Override
    @AfterProperty
    public void stopSchedule() {
        ScheduledUnderTest.super.stopSchedule();
    }
}
