package org.rddma.perftest;

/** Sends a message and waits for the answer; the round trip is the sample. Also for WRITE with immediate data. */
final class SendLatencyClient implements LatencyLoop {
    private final RoundRobin lanes;
    private final Samples samples;

    SendLatencyClient(Lane[] lanes, Samples samples) {
        this.lanes = new RoundRobin(lanes);
        this.samples = samples;
    }

    @Override
    public int run(int messages) {
        for (int i = 0; i < messages; i++) {
            Lane lane = lanes.current();
            long start = System.nanoTime();
            lane.sends.post();
            if (!lane.awaitSent() || !lane.awaitReceived()) {
                return i;
            }
            samples.record(System.nanoTime() - start);
            lane.receives.repost();
            lanes.advance();
        }
        return messages;
    }
}
