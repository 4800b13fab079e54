package org.rddma.perftest;

import java.util.Locale;

/** The table of a bandwidth test. Two blanks or more between columns. */
final class BandwidthColumns {
    /** Below so many Gb per second two decimals say too little. */
    private static final double SLOW_GBITS = 0.1;

    private BandwidthColumns() {}

    private static String[] titles(boolean gbits) {
        String unit = gbits ? "[Gb/sec]" : "[MiB/sec]";
        return new String[] {"#bytes", "#iterations", "BW peak" + unit, "BW average" + unit, "MsgRate[Mpps]"};
    }

    static String header(boolean gbits) {
        return " " + String.join("  ", titles(gbits));
    }

    static String row(BandwidthResult result, boolean gbits) {
        String format = result.average(true) < SLOW_GBITS ? "%.6f" : "%.2f";
        String[] cells = {
            Integer.toString(result.size()),
            Long.toString(result.transfer().messages()),
            measured(format, result.peak(gbits)),
            measured(format, result.average(gbits)),
            measured("%.6f", result.millionMessagesPerSecond())
        };
        return LatencyColumns.align(titles(gbits), cells);
    }

    private static String measured(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
