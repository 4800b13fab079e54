package org.rddma.perftest;

/** Who wants to know what a test finds. */
interface Report {
    /** The ends are connected. */
    void begin(Side client, Side server);

    void row(LatencyResult result);

    void row(BandwidthResult result);
}
