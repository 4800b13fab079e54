package org.rddma.perftest;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One of the tests as a command. */
@Command(
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class,
        footer = {
            "",
            "Without --loopback the ends are two processes, on devices that reach other processes,",
            "such as -d roce:ADDRESS: one without <host> waits as the server, one with it is the client.",
            "Both must be given the same test; what differs is named. Ctrl-C leaves a report at both."
        })
final class TestCommand implements Callable<Integer> {
    private final TestKind kind;
    private final PrintStream out;
    private final PrintStream err;

    @Mixin
    private final TestOptions options = new TestOptions();

    TestCommand(TestKind kind, PrintStream out, PrintStream err) {
        this.kind = kind;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException {
        Settings settings = Settings.of(kind, options);
        List<Report> reports = new ArrayList<>();
        TextReport text = settings.output == null ? new TextReport(out, settings) : null;
        reports.add(text != null ? text : new NumberReport(out, settings));
        JsonReport json = settings.json == null ? null : new JsonReport(settings);
        if (json != null) {
            reports.add(json);
        }
        ThresholdReport thresholds = new ThresholdReport(settings);
        reports.add(thresholds);
        String interruption;
        try (Interruption ending = new Interruption()) {
            try (HdrLog log = settings.hdrLog == null ? null : new HdrLog(settings.hdrLog)) {
                if (log != null) {
                    reports.add(log);
                }
                interruption = new TestRun(settings, new Control(), ending, ProgressLine.on(err), this::note)
                        .run(new Reports(reports));
            }
            if (text != null) {
                text.end();
            }
            if (json != null) {
                json.write(settings.json);
            }
            out.flush();
        }
        if (interruption != null) {
            throw new RunFailedException("the run was " + interruption);
        }
        thresholds.failIfMissed();
        return Perftest.OK;
    }

    private void note(String sentence) {
        err.print("perftest " + kind.command() + ": " + sentence + "\n");
        err.flush();
    }

    /** Remembers what was missed until all rows are out. */
    private static final class ThresholdReport implements Report {
        private final Settings settings;
        private String failure;

        ThresholdReport(Settings settings) {
            this.settings = settings;
        }

        @Override
        public void begin(Side local, SideAddress remote) {
            // nothing to judge yet
        }

        @Override
        public void row(LatencyResult result) {
            // thresholds are for bandwidth
        }

        @Override
        public void row(BandwidthResult result) {
            if (failure == null) {
                failure = Thresholds.failureOf(settings, result);
            }
        }

        @Override
        public void interrupted(String sentence) {
            // judged are the rows that there were
        }

        void failIfMissed() {
            if (failure != null) {
                throw new RunFailedException(failure);
            }
        }
    }

    /** All reports in turn. */
    private record Reports(List<Report> all) implements Report {
        @Override
        public void waiting() {
            all.forEach(Report::waiting);
        }

        @Override
        public void begin(Side local, SideAddress remote) {
            all.forEach(report -> report.begin(local, remote));
        }

        @Override
        public void row(LatencyResult result) {
            all.forEach(report -> report.row(result));
        }

        @Override
        public void row(BandwidthResult result) {
            all.forEach(report -> report.row(result));
        }

        @Override
        public void interrupted(String sentence) {
            all.forEach(report -> report.interrupted(sentence));
        }
    }
}
