package org.rddma.perftest;

/** Writes into the peer's memory and polls its own for the answer; the round trip is the sample. */
final class WriteLatencyClient implements LatencyLoop {
    private final RoundRobin lanes;
    private final Samples samples;

    WriteLatencyClient(Lane[] lanes, Samples samples) {
        this.lanes = new RoundRobin(lanes);
        this.samples = samples;
    }

    @Override
    public int run(int messages) {
        for (int i = 0; i < messages; i++) {
            Lane lane = lanes.current();
            long start = System.nanoTime();
            lane.postNumbered();
            if (!lane.awaitSent() || !lane.awaitNumber()) {
                return i;
            }
            samples.record(System.nanoTime() - start);
            lanes.advance();
        }
        return messages;
    }
}
