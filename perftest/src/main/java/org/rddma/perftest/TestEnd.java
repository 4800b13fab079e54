package org.rddma.perftest;

/** One end of a test. */
interface TestEnd {
    /** Before messages of another size, while nothing is under way. */
    void prepare(int size);

    /** Does this end's part of a phase, in the thread of this end. */
    void run(PhaseLength length);
}
