package org.rddma.perftest;

/** One end of a latency test. */
final class LatencyEnd implements TestEnd {
    private static final int CHUNK = 16;
    private static final int LEAD_IN_CHUNKS = 4;
    private static final int LARGE_MESSAGE = 1 << 20;

    private final Side side;
    private final Control control;
    private final Partner partner;
    private final Samples samples;
    /** Null when the client's messages need nobody at this end. */
    private final LatencyLoop loop;

    private int chunk;
    private long started;

    /** @param takesSamples of round trips; a server can as well, from its answer to the next message */
    LatencyEnd(Side side, Control control, Partner partner, boolean takesSamples) {
        this.side = side;
        this.control = control;
        this.partner = partner;
        Settings settings = side.settings;
        boolean keeps = takesSamples && settings.reportUnsorted;
        samples = new Samples(keeps ? (int) settings.iterations : 0);
        loop = loop(settings, side, takesSamples ? samples : null);
    }

    private static LatencyLoop loop(Settings settings, Side side, Samples samples) {
        boolean client = side.end == End.CLIENT;
        Lane[] lanes = side.busyLanes();
        if (settings.kind.verb.isOneSided()) {
            return client ? new OneSidedLatencyClient(lanes, samples) : null;
        }
        if (settings.receives()) {
            return client ? new SendLatencyClient(lanes, samples) : new SendLatencyServer(lanes, samples);
        }
        return client ? new WriteLatencyClient(lanes, samples) : new WriteLatencyServer(lanes, samples);
    }

    @Override
    public void prepare(int size) {
        chunk = size < LARGE_MESSAGE ? CHUNK : 1;
        for (Lane lane : side.lanes) {
            lane.sends.prepare(size);
            lane.prepareMemoryPolling(size);
        }
    }

    @Override
    public void run(PhaseLength length) {
        samples.clear();
        started = System.nanoTime();
        if (side.end == End.CLIENT) {
            side.completions.endWaitOn(0);
            runClient(length);
        } else if (loop != null) {
            side.completions.endWaitOn(Control.CLIENT_DONE);
            runServer();
        }
    }

    /** Of the last phase, until the next. */
    Samples samples() {
        return samples;
    }

    private void runClient(PhaseLength length) {
        if (!leadIn()) {
            return;
        }
        long start = started;
        long done = 0;
        int messages;
        do {
            long left = length.messages() - done;
            messages = left > 0 && left < chunk ? (int) left : chunk;
            int ran = loop.run(messages);
            done += ran;
            control.progress(End.CLIENT, done);
            if (ran < messages || control.isInterrupted()) {
                return; // the run is over before its time
            }
        } while (!length.isOver(done, start));
        partner.done(done);
    }

    private void runServer() {
        if (!leadIn()) {
            return;
        }
        long done = 0;
        int ran;
        do {
            ran = loop.run(chunk);
            done += ran;
            control.progress(End.SERVER, done);
        } while (ran == chunk);
    }

    /** Fills the caches after what ran before; not counted. */
    private boolean leadIn() {
        for (int i = 0; i < LEAD_IN_CHUNKS; i++) {
            if (loop.run(chunk) < chunk) {
                return false;
            }
        }
        samples.clear();
        side.completions.resetStatistics();
        started = System.nanoTime();
        loop.begin();
        return true;
    }
}
