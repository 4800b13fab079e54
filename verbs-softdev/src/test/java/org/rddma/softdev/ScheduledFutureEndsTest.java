package org.rddma.softdev;

import org.rddma.verbs.conformance.FutureEndsConformance;

final class ScheduledFutureEndsTest extends FutureEndsConformance implements ScheduledUnderTest {
    @Override
    protected int messages() {
        return 2_000; // each is several steps, some of which wait for a timer
    }
}
