package org.rddma.perftest;

import java.io.PrintStream;
import java.util.Locale;

/** --output: one bare number per row. */
final class NumberReport implements Report {
    private final PrintStream out;
    private final Settings settings;

    NumberReport(PrintStream out, Settings settings) {
        this.out = out;
        this.settings = settings;
    }

    @Override
    public void begin(Side local, SideAddress remote) {
        // a number stands alone
    }

    @Override
    public void row(LatencyResult result) {
        print(result.samples().median().orElse(Double.NaN) / result.divisor() / 1000);
    }

    @Override
    public void row(BandwidthResult result) {
        print(
                settings.output.equals("bandwidth")
                        ? result.average(settings.reportGbits)
                        : result.millionMessagesPerSecond());
    }

    @Override
    public void interrupted(String sentence) {
        // a number stands alone; standard error and the exit status tell
    }

    private void print(double value) {
        out.print((Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.6f", value)) + "\n");
    }
}
