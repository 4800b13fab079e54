package org.rddma.perftest;

/** Both ends in this process, on two threads. */
final class LoopbackStage implements Stage {
    private final Settings settings;
    private final Control control;
    private final Duo duo;
    private final Side client;
    private final Side server;
    private final TestEnd clientEnd;
    private final TestEnd serverEnd;

    /** Opens both ends, and connects them. */
    LoopbackStage(Settings settings, Control control, Duo duo) {
        this.settings = settings;
        this.control = control;
        this.duo = duo;
        client = Side.open(settings, Side.deviceName(settings.device), control, End.CLIENT);
        try {
            server = Side.open(settings, Side.deviceName(settings.device), control, End.SERVER);
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
        try {
            Side.connect(client, server);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        duo.onEnd(() -> {
            client.wakeup();
            server.wakeup();
        });
        clientEnd = end(client, server);
        serverEnd = end(server, client);
    }

    private TestEnd end(Side own, Side other) {
        Partner partner = Partner.here(control, own, other);
        return settings.kind.latency
                ? new LatencyEnd(own, control, partner, own == client)
                : new BandwidthEnd(own, control, partner, false);
    }

    @Override
    public Side local() {
        return client;
    }

    /** For tests that break it. */
    Side server() {
        return server;
    }

    @Override
    public SideAddress remote() {
        return server.address();
    }

    @Override
    public void prepare(int size) {
        clientEnd.prepare(size);
        serverEnd.prepare(size);
    }

    @Override
    public Outcome run(PhaseLength length) {
        duo.run(() -> clientEnd.run(length), () -> serverEnd.run(length));
        if (clientEnd instanceof LatencyEnd latency) {
            return new Outcome(latency.samples(), null, null, null, -1, client.completions.statistics());
        }
        BandwidthEnd here = (BandwidthEnd) clientEnd;
        BandwidthEnd there = (BandwidthEnd) serverEnd;
        Transfer sent = settings.bidirectional ? here.sent().plus(there.sent()) : here.sent();
        long received = here.received().messages() + there.received().messages();
        return new Outcome(
                null,
                sent,
                here.sent(),
                there.sent(),
                settings.receives() ? received : -1,
                here.statistics().plus(there.statistics()));
    }

    @Override
    public String interruption() {
        return control.isInterrupted() ? "interrupted" : null;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
