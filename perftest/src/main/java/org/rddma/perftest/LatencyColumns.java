package org.rddma.perftest;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The table of a latency test: perftest's columns in their order, and three more. Two blanks or more between columns. */
final class LatencyColumns {
    private static final String[] TITLES = {
        "#bytes",
        "#iterations",
        "t_min[usec]",
        "t_max[usec]",
        "t_typical[usec]",
        "t_avg[usec]",
        "t_stdev[usec]",
        "99% percentile[usec]",
        "99.9% percentile[usec]",
        "99.99% percentile[usec]",
        "99.999% percentile[usec]",
        "true max[usec]"
    };

    private LatencyColumns() {}

    static String header() {
        return " " + String.join("  ", TITLES);
    }

    static String row(LatencyResult result) {
        Samples samples = result.samples();
        int divisor = result.divisor();
        String[] cells = {
            Integer.toString(result.size()),
            Long.toString(samples.count()),
            microseconds(samples.min(), divisor),
            microseconds(samples.max(), divisor),
            microseconds(samples.median(), divisor),
            microseconds(samples.mean(), divisor),
            microseconds(samples.standardDeviation(), divisor),
            microseconds(samples.percentile(99), divisor),
            microseconds(samples.percentile(99.9), divisor),
            microseconds(samples.percentile(99.99), divisor),
            microseconds(samples.percentile(99.999), divisor),
            microseconds(samples.max(), divisor)
        };
        return align(TITLES, cells);
    }

    /** A dash for what the samples do not support. */
    static String microseconds(OptionalDouble nanos, int divisor) {
        return nanos.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f", nanos.getAsDouble() / divisor / 1000);
    }

    private static String microseconds(OptionalLong nanos, int divisor) {
        return microseconds(
                nanos.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of((double) nanos.getAsLong()), divisor);
    }

    static String align(String[] titles, String[] cells) {
        StringBuilder line = new StringBuilder(" ");
        for (int i = 0; i < cells.length; i++) {
            line.append(cells[i]);
            if (i + 1 < cells.length) {
                line.append(" ".repeat(2 + Math.max(0, titles[i].length() - cells[i].length())));
            }
        }
        return line.toString();
    }
}
