package org.rddma.softdev;

import org.rddma.verbs.conformance.RaceConformance;

final class ThreadedVectorsRaceTest extends RaceConformance implements ThreadedVectorsUnderTest {
    @Override
    protected int messages() {
        return 100_000; // each of the races needs one more processor than with inline delivery
    }
}
