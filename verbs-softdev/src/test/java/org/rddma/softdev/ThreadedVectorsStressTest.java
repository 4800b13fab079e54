package org.rddma.softdev;

import org.rddma.verbs.conformance.StressConformance;

final class ThreadedVectorsStressTest extends StressConformance implements ThreadedVectorsUnderTest {
    @Override
    protected int messages() {
        return 400_000; // each event goes through one thread more
    }
}
