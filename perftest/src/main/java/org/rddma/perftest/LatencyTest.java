package org.rddma.perftest;

/** Runs the phases of a latency test, with both ends in step. */
final class LatencyTest {
    private static final int CHUNK = 16;
    private static final int LEAD_IN_CHUNKS = 4;
    private static final int LARGE_MESSAGE = 1 << 20;

    private final Control control;
    private final Duo duo;
    private final Side client;
    private final Side server;
    private final Samples samples;
    private final LatencyLoop clientLoop;
    /** Null when the peer does nothing. */
    private final LatencyLoop serverLoop;

    private int chunk;

    LatencyTest(Settings settings, Control control, Duo duo, Side client, Side server) {
        this.control = control;
        this.duo = duo;
        this.client = client;
        this.server = server;
        samples = new Samples(settings.reportUnsorted ? (int) settings.iterations : 0);
        if (settings.kind.verb.isOneSided()) {
            clientLoop = new OneSidedLatencyClient(client.busyLanes(), samples);
            serverLoop = null;
        } else if (settings.receives()) {
            clientLoop = new SendLatencyClient(client.busyLanes(), samples);
            serverLoop = new SendLatencyServer(server.busyLanes());
        } else {
            clientLoop = new WriteLatencyClient(client.busyLanes(), samples);
            serverLoop = new WriteLatencyServer(server.busyLanes());
        }
    }

    /** Before messages of another size. */
    void prepare(int size) {
        chunk = size < LARGE_MESSAGE ? CHUNK : 1;
        for (Side side : new Side[] {client, server}) {
            for (Lane lane : side.lanes) {
                lane.sends.prepare(size);
                lane.prepareMemoryPolling(size);
            }
        }
    }

    /** Runs one phase. The samples are valid until the next. */
    Samples run(PhaseLength length) {
        client.completions.endWaitOn(0);
        server.completions.endWaitOn(Control.CLIENT_DONE);
        duo.run(() -> runClient(length), this::runServer);
        return samples;
    }

    private void runClient(PhaseLength length) {
        for (int i = 0; i < LEAD_IN_CHUNKS; i++) { // fills the caches after what ran before; not counted
            if (clientLoop.run(chunk) < chunk) {
                return; // the other end has failed
            }
        }
        samples.clear();
        client.completions.resetStatistics();
        long start = System.nanoTime();
        long done = 0;
        int messages;
        do {
            long left = length.messages() - done;
            messages = left > 0 && left < chunk ? (int) left : chunk;
            int ran = clientLoop.run(messages);
            done += ran;
            control.progress(End.CLIENT, done);
            if (ran < messages) {
                return; // the other end has failed
            }
        } while (!length.isOver(done, start));
        control.done(Control.CLIENT_DONE);
        server.wakeup();
    }

    private void runServer() {
        if (serverLoop != null) {
            int ran;
            do {
                ran = serverLoop.run(chunk);
            } while (ran == chunk);
        }
    }
}
