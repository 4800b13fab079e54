package org.rddma.perftest;

import java.io.PrintStream;
import java.util.Locale;

/** The report on standard output, in perftest's layout. */
final class TextReport implements Report {
    private static final String LINE = "-".repeat(87);
    private static final double NANOS_PER_USEC = 1000;

    private final PrintStream out;
    private final Settings settings;
    private boolean dumped;
    private boolean server;

    TextReport(PrintStream out, Settings settings) {
        this.out = out;
        this.settings = settings;
    }

    @Override
    public void waiting() {
        String text = "* Waiting for client to connect... *";
        String stars = "*".repeat(text.length());
        line("");
        line(stars);
        line(text);
        line(stars);
        out.flush();
    }

    @Override
    public void begin(Side local, SideAddress remote) {
        server = local.end == End.SERVER;
        line(LINE);
        new TextHeader(out, settings).print(local, remote);
        line(LINE);
        columns();
    }

    private void columns() {
        line(settings.kind.latency ? LatencyColumns.header() : BandwidthColumns.header(settings.reportGbits));
    }

    @Override
    public void row(LatencyResult result) {
        if (settings.reportUnsorted) {
            dumpSamples(result);
        }
        if (settings.reportHistogram) {
            dumpHistogram(result);
        }
        if (dumped) {
            dumped = false;
            columns();
        }
        line(LatencyColumns.row(result));
        for (double percent : settings.percentiles) {
            line(" percentile " + percent + ": "
                    + LatencyColumns.microseconds(result.samples().percentile(percent), result.divisor()) + " usec");
        }
        if (result.samples().overflows() > 0) {
            line(" " + result.samples().overflows() + " samples were longer than " + Samples.LARGEST / 1_000_000_000
                    + " s: they are in no percentile");
        }
        CompletionStatistics completion = result.completion();
        if (settings.events) {
            line(" events: " + completion.events() + ", empty wake-ups: " + completion.emptyWakeups());
        }
        if (result.comparison() != null) {
            comparison(result.comparison(), "times the limit");
        }
    }

    @Override
    public void row(BandwidthResult result) {
        line(BandwidthColumns.row(result, settings.reportGbits));
        if (settings.reportBoth) {
            line(" Local: what this end has sent");
            line(BandwidthColumns.row(result.of(result.local()), settings.reportGbits));
            line(" Remote: what the other end has sent");
            line(BandwidthColumns.row(result.of(result.remote()), settings.reportGbits));
        }
        long lost = result.transfer().messages() - result.received();
        if (result.received() >= 0 && lost > 0) {
            line(" " + lost + " of " + result.transfer().messages()
                    + (settings.loopback
                            ? " messages were dropped: they found no receive posted"
                            : " messages were lost on the way, or found no receive posted"));
        }
        if (settings.events) {
            line(" events: " + result.completion().events() + ", empty wake-ups: "
                    + result.completion().emptyWakeups());
        }
        if (result.comparison() != null) {
            comparison(result.comparison(), "of the limit");
        }
    }

    @Override
    public void interrupted(String sentence) {
        line(" " + sentence);
    }

    /** After the last row. */
    void end() {
        line(LINE);
        if (settings.kind.latency) {
            line(
                    " t_max and true max are the largest sample; perftest leaves the largest two out. t_stdev is of all samples.");
            line(" Times are " + times() + "; '-' where the samples are too few.");
        }
    }

    private String times() {
        if (settings.rttDivisor() == 1) {
            return server ? "measured by the client, and reported there" : "from post to completion";
        }
        return server
                ? "this end's: half of the round trip, from its answer to the next message"
                : "half of the round trip";
    }

    private void comparison(Comparison comparison, String relation) {
        String what =
                settings.kind.command() + (settings.rttDivisor() == 2 && settings.kind.latency ? ", one way" : "");
        line(format(" %-36s: %10.3f %s", "limit: " + comparison.limit(), comparison.limitMedian(), comparison.unit()));
        line(format(
                " %-36s: %10.3f %s = %.2f %s (quartiles of %d rounds %.2f .. %.2f)",
                what,
                comparison.testMedian(),
                comparison.unit(),
                comparison.ratio(),
                relation,
                comparison.testRounds().size(),
                comparison.ratioLow(),
                comparison.ratioHigh()));
        if (comparison.isNoisy()) {
            line(format(
                    " The machine was noisy: the quartiles of the rounds are %.0f %% apart.",
                    comparison.spread() * 100));
        }
    }

    private void dumpSamples(LatencyResult result) {
        dumped = true;
        line("#, usec");
        long[] samples = result.samples().inOrder();
        for (int i = 0; i < samples.length; i++) {
            line(format("%d, %.3f", i + 1, samples[i] / NANOS_PER_USEC / result.divisor()));
        }
    }

    private void dumpHistogram(LatencyResult result) {
        dumped = true;
        line("percentile distribution in usec");
        result.samples().histogram().outputPercentileDistribution(out, NANOS_PER_USEC * result.divisor());
    }

    private void line(String text) {
        out.print(text + "\n");
    }

    private static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
