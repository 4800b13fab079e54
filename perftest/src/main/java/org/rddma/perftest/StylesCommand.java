package org.rddma.perftest;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the same traffic through echo services of all styles, in turn, and shows them side by side. */
@Command(
        description = "Compares styles of application: one echo service in each, the same traffic through all.",
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class)
final class StylesCommand implements Callable<Integer> {
    private static final int MOST_CLIENTS = 1024;
    private static final int LARGEST_WINDOW = 1024;
    private static final int LARGEST_SIZE = 1 << 20;
    private static final long MOST_BYTES = 1L << 28;
    private static final int MOST_ROUNDS = 1000;
    private static final double SHORTEST_SECONDS = 0.01;
    private static final int LONGEST_SECONDS = 3600;

    @Option(
            names = {"-d", "--ib-dev"},
            description = "Device (default: the first).")
    private String device;

    @Option(names = "--clients", description = "Queue pairs of the service, each with a client (default: 4).")
    private int clients = 4;

    @Option(names = "--window", description = "Messages of each client under way at a time (default: 16).")
    private int window = 16;

    @Option(
            names = {"-s", "--size"},
            converter = SizeConverter.class,
            description = "Bytes of the largest message, with K or M; at least 8 (default: 256).")
    private int size = 256;

    @Option(
            names = {"-D", "--duration"},
            description = "Seconds that all rounds of one style take (default: 2).")
    private double duration = 2;

    @Option(names = "--rounds", description = "How often each style's turn comes (default: 7).")
    private int rounds = 7;

    @Option(
            names = "--style",
            split = ",",
            paramLabel = "<style>",
            description = "Only these, and what they are compared with.")
    private List<String> chosen;

    @Option(
            names = "--patience",
            description = "Seconds without any echo after which the run has failed (default: 10).")
    private int patience = 10;

    @Option(names = "--out_json", description = "Write a JSON report too.")
    private boolean outJson;

    @Option(names = "--out_json_file", description = "Where to (default: perftest_out.json).")
    private Path json;

    private final List<EchoStyle> styles;
    private final PrintStream out;
    private final PrintStream err;

    /** Of these styles; the first is what the others are compared with. */
    StylesCommand(List<EchoStyle> styles, PrintStream out, PrintStream err) {
        this.styles = styles;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException {
        checkOptions();
        EchoPlan plan = new EchoPlan(clients, window, size);
        String name = Side.deviceName(device);
        StylesReport report = new StylesReport(name, plan, measure(name, plan));
        if (outJson || json != null) {
            JsonReport.write(report.json(), json == null ? Path.of("perftest_out.json") : json);
        }
        report.print(out); // the last thing: a run that fails shows no figure
        return Perftest.OK;
    }

    private void checkOptions() {
        between("--clients", clients, 1, MOST_CLIENTS);
        between("--window", window, 1, LARGEST_WINDOW);
        between("-s", size, EchoContent.SMALLEST, LARGEST_SIZE);
        OptionRules.refuseIf(
                !(duration >= SHORTEST_SECONDS && duration <= LONGEST_SECONDS),
                "-D may be " + SHORTEST_SECONDS + " to " + LONGEST_SECONDS);
        between("--rounds", rounds, 1, MOST_ROUNDS);
        between("--patience", patience, 1, LONGEST_SECONDS);
        OptionRules.refuseIf(
                2L * clients * window * size > MOST_BYTES,
                "--clients, --window and -s are too large together: the messages take more than " + (MOST_BYTES >> 20)
                        + " MiB");
    }

    private static void between(String option, int value, int least, int most) {
        OptionRules.refuseIf(value < least || value > most, option + " may be " + least + " to " + most);
    }

    /** The reference first. */
    private List<EchoStyle> chosenStyles() {
        if (chosen == null) {
            return styles;
        }
        Set<EchoStyle> found = new LinkedHashSet<>(List.of(styles.get(0)));
        for (String title : chosen) {
            found.add(styles.stream()
                    .filter(style -> style.title().equals(title))
                    .findFirst()
                    .orElseThrow(() -> new UsageException("--style: there is no style '" + title + "': give some of "
                            + styles.stream().map(EchoStyle::title).toList())));
        }
        return List.copyOf(found);
    }

    /** One round to warm up, which does not count, then the others: neighbours in time see the same machine. */
    private List<StyleRow> measure(String name, EchoPlan plan) {
        List<EchoStyle> running = chosenStyles();
        EchoTrial trial = new EchoTrial(name, plan, TimeUnit.SECONDS.toNanos(patience));
        long nanos = (long) (duration * 1e9 / rounds / 2);
        List<List<EchoTrial.Result>> results = new ArrayList<>();
        running.forEach(style -> results.add(new ArrayList<>()));
        ProgressLine progress = ProgressLine.on(err);
        long start = System.nanoTime();
        for (int round = -1; round < rounds; round++) {
            for (int i = 0; i < running.size(); i++) {
                EchoTrial.Result result = trial.run(running.get(i), nanos);
                if (round >= 0) {
                    results.get(i).add(result);
                }
                progress.show(System.nanoTime() - start, results.get(i).size());
            }
        }
        progress.clear();
        List<StyleRow> rows = new ArrayList<>();
        for (int i = 0; i < running.size(); i++) {
            rows.add(StyleRow.of(running.get(i), running.get(0), results.get(i), results.get(0)));
        }
        return rows;
    }
}
