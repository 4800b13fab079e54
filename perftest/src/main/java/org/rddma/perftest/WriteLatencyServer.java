package org.rddma.perftest;

/** Polls its memory for what the peer writes, and writes back. */
final class WriteLatencyServer implements LatencyLoop {
    private final RoundRobin lanes;

    WriteLatencyServer(Lane[] lanes) {
        this.lanes = new RoundRobin(lanes);
    }

    @Override
    public int run(int messages) {
        for (int i = 0; i < messages; i++) {
            Lane lane = lanes.current();
            if (!lane.awaitNumber()) {
                return i;
            }
            lanes.advance();
            lane.postNumbered();
            if (!lane.awaitSent()) {
                return i;
            }
        }
        return messages;
    }
}
