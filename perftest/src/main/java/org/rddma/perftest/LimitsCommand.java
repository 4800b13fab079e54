package org.rddma.perftest;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what this machine cannot do faster. */
@Command(
        description =
                "Measures what this machine cannot do faster: cache lines, eventfds, UDP, wake-ups, system calls, copies.",
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class)
final class LimitsCommand implements Callable<Integer> {
    private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(600);
    private static final long COPY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long WAKE_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int WAKE_UP_ROUNDS = 9;
    private static final int SMALLEST_COPY = 64;
    private static final int LARGEST_COPY = 64 << 20;

    @Option(
            names = "--pin_cores",
            split = ",",
            paramLabel = "<cpu>",
            description = "Bind one thread to the first and the other to the second (default: two of those allowed).")
    private List<Integer> pinCores;

    @Option(names = "--out_json", description = "Write a JSON report too.")
    private boolean outJson;

    @Option(names = "--out_json_file", description = "Where to (default: perftest_out.json).")
    private Path json;

    private final PrintStream out;
    private final PrintStream err;
    private final JsonArray rows = new JsonArray();

    LimitsCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException {
        OptionRules.refuseIf(pinCores != null && pinCores.size() != 2, "--pin_cores takes two processors, such as 0,1");
        List<Integer> pinned = pinCores != null ? pinCores : Processors.two();
        try (Duo duo = new Duo(new Control(), pinned, ProgressLine.on(err))) {
            String line = "-".repeat(87);
            out.print(line + "\n" + " ".repeat(20) + "Limits of this machine\n");
            out.print(" Clock        : " + Clock.measure() + "\n");
            out.print(" Pinned cores : " + (pinned.isEmpty() ? "none" : pinned.get(0) + "," + pinned.get(1)) + "\n");
            out.print(line + "\n");
            out.print(" limit                       median[ns]  99% percentile[ns]     samples\n");
            row(CacheLineLimit.oneWay(duo));
            row(new EventFdLimit(duo));
            row(UdpLimit.sleeping(duo));
            row(UdpLimit.polling(duo));
            row(SystemCallLimit.poll(duo));
            row(SystemCallLimit.writeAndRead(duo));
            wakeUpRows(duo);
            driverRows();
            out.print(line + "\n copy #bytes        median[ns]        [GB/sec]\n");
            for (int size = SMALLEST_COPY; size <= LARGEST_COPY; size *= 4) {
                copyRow(new CopyLimit(duo, size), size);
            }
            out.print(line + "\n Medians; 1 GB is 10^9 bytes. A sample of a short limit is the mean of a batch.\n");
        }
        if (outJson || json != null) {
            JsonObject document = new JsonObject();
            document.add("limits", rows);
            JsonReport.write(document, json == null ? Path.of("perftest_out.json") : json);
        }
        return Perftest.OK;
    }

    /** A round of the one, a round of the other, and so on: neighbours in time see the same machine. */
    private void wakeUpRows(Duo duo) {
        String device = Side.deviceName(null);
        List<WakeUpLimit> ways = List.of(WakeUpLimit.bare(duo, device), WakeUpLimit.eventLoop(duo, device));
        List<Samples> totals = List.of(new Samples(), new Samples());
        double[][] medians = new double[ways.size()][WAKE_UP_ROUNDS];
        double[] ratios = new double[WAKE_UP_ROUNDS];
        for (WakeUpLimit way : ways) {
            way.run(WARM_UP_NANOS);
        }
        for (int round = 0; round < WAKE_UP_ROUNDS; round++) {
            for (int i = 0; i < ways.size(); i++) {
                Samples samples = ways.get(i).run(WAKE_UP_NANOS);
                medians[i][round] = samples.median().orElseThrow() / ways.get(i).divisor();
                totals.get(i).add(samples);
            }
            ratios[round] = medians[1][round] / medians[0][round];
        }
        for (int i = 0; i < ways.size(); i++) {
            row(ways.get(i), medianOf(medians[i]), totals.get(i));
        }
        double ratio = medianOf(ratios);
        out.printf(
                Locale.ROOT,
                " %-26s %11.2f  (%d rounds of each in turn, %.2f to %.2f; on %s)\n",
                "event loop / channel wait",
                ratio,
                ratios.length,
                ratios[0],
                ratios[ratios.length - 1],
                device);
        rows.get(rows.size() - 1).getAsJsonObject().addProperty("ratio_to_channel_wait", ratio);
    }

    /** Sorts them too. */
    private static double medianOf(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** Nobody binds the driver's own thread, so the echo that it is compared with is not bound either. */
    private void driverRows() {
        try (Duo free = new Duo(new Control(), List.of(), ProgressLine.on(err))) {
            row(new SocketLimit(free));
            row(new DriverLimit(free));
        }
    }

    private void row(Limit limit) {
        limit.run(WARM_UP_NANOS);
        Samples samples = limit.run(NANOS);
        row(limit, samples.median().orElseThrow() / limit.divisor(), samples);
    }

    private void row(Limit limit, double median, Samples samples) {
        var tail = samples.percentile(99);
        out.printf(
                Locale.ROOT,
                " %-26s %11.1f  %18s  %10d\n",
                limit.title(),
                median,
                tail.isEmpty() ? "-" : String.format(Locale.ROOT, "%.1f", tail.getAsDouble() / limit.divisor()),
                samples.count());
        JsonObject row = new JsonObject();
        row.addProperty("limit", limit.title());
        row.addProperty("median_ns", median);
        row.addProperty("samples", samples.count());
        rows.add(row);
    }

    private void copyRow(CopyLimit limit, int size) {
        limit.run(COPY_NANOS);
        double median = limit.round(COPY_NANOS);
        out.printf(Locale.ROOT, " %11d  %16.1f  %14.2f\n", size, median, size / median);
        JsonObject row = new JsonObject();
        row.addProperty("limit", limit.title());
        row.addProperty("median_ns", median);
        row.addProperty("gb_per_sec", size / median);
        rows.add(row);
    }
}
