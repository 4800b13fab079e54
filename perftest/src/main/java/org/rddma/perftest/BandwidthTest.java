package org.rddma.perftest;

/** Runs the phases of a bandwidth test, with both ends in step. */
final class BandwidthTest {
    private final Settings settings;
    private final Control control;
    private final Duo duo;
    private final Side client;
    private final Side server;
    private final BandwidthSender clientSender;
    private final BandwidthSender serverSender;

    private long receivedBefore;

    BandwidthTest(Settings settings, Control control, Duo duo, Side client, Side server) {
        this.settings = settings;
        this.control = control;
        this.duo = duo;
        this.client = client;
        this.server = server;
        int stamps = settings.peak ? (int) settings.iterations * settings.queuePairs : 0;
        clientSender = new BandwidthSender(client, control, new PeakRate(stamps));
        serverSender = new BandwidthSender(server, control, new PeakRate(settings.bidirectional ? stamps : 0));
    }

    /** Before messages of another size. */
    void prepare(int size) {
        clientSender.prepare(size);
        serverSender.prepare(size);
    }

    /** Runs one phase; the messages count per queue pair. */
    Transfer run(PhaseLength length) {
        client.completions.resetStatistics();
        server.completions.resetStatistics();
        client.completions.endWaitOn(0);
        server.completions.endWaitOn(0);
        receivedBefore = client.completions.received() + server.completions.received();
        if (settings.isDuplex()) {
            duo.run(
                    () -> sendAndReceive(client, clientSender, length),
                    () -> sendAndReceive(server, serverSender, length));
        } else if (settings.bidirectional) {
            duo.run(() -> clientSender.run(length), () -> serverSender.run(length));
        } else {
            duo.run(() -> sendOnly(length), settings.receives() ? this::receiveOnly : () -> {});
        }
        Transfer transfer = clientSender.transfer();
        return settings.bidirectional ? transfer.plus(serverSender.transfer()) : transfer;
    }

    /** How many messages of the last phase have arrived where receives were posted. */
    long received() {
        return client.completions.received() + server.completions.received() - receivedBefore;
    }

    private void sendOnly(PhaseLength length) {
        clientSender.run(length);
        control.done(Control.CLIENT_DONE);
        server.wakeup();
    }

    private void receiveOnly() {
        receiveUntil(server, Control.CLIENT_DONE);
    }

    private void sendAndReceive(Side side, BandwidthSender sender, PhaseLength length) {
        sender.run(length);
        control.done(side.end.doneBit);
        (side == client ? server : client).wakeup();
        receiveUntil(side, side.end.peer().doneBit);
    }

    /** What the sender knows to be complete is in our queue by the time it says that it is done. */
    private static void receiveUntil(Side side, int doneBit) {
        side.completions.endWaitOn(doneBit);
        boolean going = true;
        while (going) {
            going = side.completions.awaitPeer(side.receiveQueues);
        }
        side.completions.drain(side.receiveQueues);
    }
}
