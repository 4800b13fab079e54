package org.rddma.perftest;

import java.util.function.Consumer;

/** A test from opening the device to the last row. */
final class TestRun {
    private final Settings settings;
    private final Control control;
    private final Interruption interruption;
    private final ProgressLine progressLine;
    private final Consumer<String> note;

    /** @param note takes sentences that are no part of the report */
    TestRun(
            Settings settings,
            Control control,
            Interruption interruption,
            ProgressLine progressLine,
            Consumer<String> note) {
        this.settings = settings;
        this.control = control;
        this.interruption = interruption;
        this.progressLine = progressLine;
        this.note = note;
    }

    /**
     * Runs it and tells the report.
     *
     * @return why the run ended before its time, after the report of what there was; null when it did not
     */
    String run(Report report) {
        try {
            return settings.loopback ? runBoth(report) : runOne(report);
        } finally {
            interruption.over();
        }
    }

    private String runBoth(Report report) {
        try (Duo duo = new Duo(control, settings.pinCores, progressLine);
                LoopbackStage stage = new LoopbackStage(settings, control, duo)) {
            interruption.ends(duo::interrupt);
            return new Rows(settings, stage, duo).run(report);
        }
    }

    /** One end here, the other in another process. */
    private String runOne(Report report) {
        End end = settings.host == null ? End.SERVER : End.CLIENT;
        String device = Reach.choose(settings.device);
        try (Solo solo = new Solo(control, end, settings.pinCores, progressLine, Stall.onTheWire(settings))) {
            return device == null ? runTowards(end, solo, report) : runOn(device, end, solo, report);
        }
    }

    String runOn(String device, End end, Solo solo, Report report) {
        try (Side side = Side.open(settings, device, control, end);
                Rendezvous met = meet(report)) {
            return run(side, met, solo, report);
        }
    }

    /** Where the other end is decides on the device. */
    private String runTowards(End end, Solo solo, Report report) {
        try (Rendezvous met = meet(report);
                Side side =
                        met.failing(() -> Side.open(settings, Reach.toward(met.first.peerAddress()), control, end))) {
            return run(side, met, solo, report);
        }
    }

    private Rendezvous meet(Report report) {
        return settings.host == null ? Rendezvous.serve(settings, report::waiting, note) : Rendezvous.join(settings);
    }

    private String run(Side side, Rendezvous met, Solo solo, Report report) {
        SideAddress remote = met.failing(() -> {
            SideAddress other = met.exchange(side.address());
            side.connect(other);
            met.meet();
            return other;
        });
        try (PeerStage stage = new PeerStage(settings, control, solo, side, remote, met)) {
            interruption.ends(stage::interrupt);
            return stage.failing(() -> new Rows(settings, stage, null).run(report));
        }
    }
}
