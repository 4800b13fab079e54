package org.rddma.perftest;

/** Answers each message with one of its own. Also for WRITE with immediate data. */
final class SendLatencyServer implements LatencyLoop {
    private final RoundRobin lanes;
    private final AnswerTimes times;

    /** @param samples for the times from an answer to the next message; null to take none */
    SendLatencyServer(Lane[] lanes, Samples samples) {
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
            if (!lane.awaitReceived()) {
                return i;
            }
            times.message();
            lanes.advance();
            boolean deep = lane.receives.isDeep();
            if (!deep) { // the next message may come as soon as the answer is out
                lane.receives.repost();
            }
            times.answer();
            lane.sends.post();
            if (deep) {
                lane.receives.repost();
            }
            if (!lane.awaitSent()) {
                return i;
            }
        }
        return messages;
    }
}
