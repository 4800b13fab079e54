package org.rddma.perftest;

/** A test from opening the device to the last row. */
final class TestRun {

    private final Settings settings;
    private final Control control = new Control();
    private final ProgressLine progressLine;

    TestRun(Settings settings, ProgressLine progressLine) {
        this.settings = settings;
        this.progressLine = progressLine;
    }

    /** Runs it with both ends in this process, and tells the report. */
    void run(Report report) {
        try (Duo duo = new Duo(control, settings.pinCores, progressLine);
                LoopbackStage stage = new LoopbackStage(settings, control, duo)) {
            new Rows(settings, stage, duo).run(report);
        }
    }
}
