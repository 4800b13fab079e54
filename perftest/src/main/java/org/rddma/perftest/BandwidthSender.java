package org.rddma.perftest;

/** Keeps the send queues of all lanes full: up to -t messages each, as completions make room. */
final class BandwidthSender {
    /** With messages of this size the time is looked at after each. */
    private static final int LARGE_MESSAGE = 1 << 18;

    private final Side side;
    private final Lane[] lanes;
    private final Completions completions;
    private final QueueSet awaited;
    private final Control control;
    private final int room;
    private final PeakRate peak;

    private PhaseLength length;
    private boolean large;
    private long start;
    private long finish;
    private long sentBefore;
    private long sentAfter;
    private long posted;

    BandwidthSender(Side side, Control control, PeakRate peak) {
        this.side = side;
        this.control = control;
        this.peak = peak;
        lanes = side.lanes;
        completions = side.completions;
        awaited = side.sendQueues;
        room = side.settings.txDepth - side.settings.postList;
    }

    void prepare(int size) {
        large = size >= LARGE_MESSAGE;
        for (Lane lane : lanes) {
            lane.sends.prepare(size);
        }
    }

    /** Sends for so long; the messages count per lane. Returns early when the run is over before its time. */
    void run(PhaseLength phase) {
        length = phase;
        sentBefore = completions.sent();
        sentAfter = Long.MAX_VALUE;
        posted = 0;
        peak.clear();
        for (Lane lane : lanes) {
            lane.sends.target(phase.isCounted() ? lane.sends.posted() + phase.messages() : Long.MAX_VALUE);
        }
        if (phase.isCounted()) {
            sumTargets();
            peak.start();
        }
        start = System.nanoTime();
        boolean going = true;
        while (going && completions.sent() < sentAfter) {
            going = step();
        }
        finish = System.nanoTime();
    }

    /** Posts what there is room for, then waits for completions. */
    private boolean step() {
        for (Lane lane : lanes) {
            fill(lane);
        }
        boolean going = completions.awaitOwn(awaited);
        if (peak.isOn()) {
            peak.completed((int) (completions.sent() - sentBefore));
        }
        checkTime();
        return going && !control.isAnyOf(Control.ENDED);
    }

    private void fill(Lane lane) {
        SendChain sends = lane.sends;
        while (sends.posted() < sends.target() && sends.posted() - lane.completed <= room) {
            int before = (int) posted;
            posted += sends.length();
            if (peak.isOn()) {
                peak.posted(before, (int) posted);
            }
            sends.post();
            control.progress(side.end, posted);
            if (large) {
                checkTime();
            }
        }
    }

    private void checkTime() {
        if (sentAfter == Long.MAX_VALUE && length.isOver(completions.sent() - sentBefore, start)) {
            for (Lane lane : lanes) {
                lane.sends.endSoon();
            }
            sumTargets();
        }
    }

    private void sumTargets() {
        sentAfter = 0;
        for (Lane lane : lanes) {
            sentAfter += lane.sends.target();
        }
    }

    /** What the last run has moved. */
    Transfer transfer() {
        return new Transfer(completions.sent() - sentBefore, finish - start, peak.messagesPerSecond());
    }
}
