package org.rddma.perftest;

/** Where the two ends of a test meet: both in this process, or one here and one in another. */
interface Stage extends AutoCloseable {
    /** The end that this process reports for. */
    Side local();

    SideAddress remote();

    /** Before messages of another size. */
    void prepare(int size);

    /** Runs one phase at both ends. Returns early, with what there is, when the run was interrupted. */
    Outcome run(PhaseLength length);

    /** Why the run is over before its time; null when it is not. */
    String interruption();

    @Override
    void close();
}
