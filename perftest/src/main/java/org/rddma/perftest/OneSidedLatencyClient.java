package org.rddma.perftest;

/** Posts a READ or an atomic and waits for its completion; that time is the sample. The peer does nothing. */
final class OneSidedLatencyClient implements LatencyLoop {
    private final RoundRobin lanes;
    private final Samples samples;

    OneSidedLatencyClient(Lane[] lanes, Samples samples) {
        this.lanes = new RoundRobin(lanes);
        this.samples = samples;
    }

    @Override
    public int run(int messages) {
        for (int i = 0; i < messages; i++) {
            Lane lane = lanes.current();
            long start = System.nanoTime();
            lane.sends.post();
            if (!lane.awaitSent()) {
                return i;
            }
            samples.record(System.nanoTime() - start);
            lanes.advance();
        }
        return messages;
    }
}
