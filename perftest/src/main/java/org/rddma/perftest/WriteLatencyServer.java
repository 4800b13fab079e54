package org.rddma.perftest;

/** Polls its memory for what the peer writes, and writes back. */
final class WriteLatencyServer implements LatencyLoop {
    private final RoundRobin lanes;
    private final AnswerTimes times;

    /** @param samples for the times from an answer to the next message; null to take none */
    WriteLatencyServer(Lane[] lanes, Samples samples) {
        this.lanes = new RoundRobin(lanes);
        times = new AnswerTimes(samples);
    }

    @Override
    public void begin() {
        times.begin();
    }

    @Override
    public int run(int messages) {
        for (int i = 0; i < messages; i++) {
            Lane lane = lanes.current();
            if (!lane.awaitNumber()) {
                return i;
            }
            times.message();
            lanes.advance();
            times.answer();
            lane.postNumbered();
            if (!lane.awaitSent()) {
                return i;
            }
        }
        return messages;
    }
}
