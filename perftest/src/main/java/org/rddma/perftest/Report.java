package org.rddma.perftest;

/** Who wants to know what a test finds. */
interface Report {
    /** The other end is waited for. */
    default void waiting() {
        // most reports begin when there is something to report
    }

    /** The ends are connected. */
    void begin(Side local, SideAddress remote);

    void row(LatencyResult result);

    void row(BandwidthResult result);

    /** The run was over before its time, after the rows that there were; the sentence says what that means for the last. */
    void interrupted(String sentence);
}
