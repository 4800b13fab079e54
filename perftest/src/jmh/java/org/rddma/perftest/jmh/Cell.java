package org.rddma.perftest.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One operation in one way: what was measured of it, a round of a virtual machine of its own after another. */
final class Cell {
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private final Operation operation;
    private final Through through;

    /** Nanoseconds of an operation: the median of each round. */
    private final List<Double> rounds = new ArrayList<>();

    private double bytes;

    /**
     * Not measured yet.
     *
     * @param through null for direct linking
     */
    Cell(Operation operation, Through through) {
        this.operation = operation;
        this.through = through;
    }

    /** Measures one round. */
    void measure(Effort effort) throws RunnerException {
        Class<?> benchmark = through == null ? DirectBenchmark.class : InterfaceBenchmark.class;
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\." + operation.method() + "$")
                .forks(1)
                .warmupIterations(effort.warmUps())
                .warmupTime(TimeValue.milliseconds(effort.millis()))
                .measurementIterations(effort.iterations())
                .measurementTime(TimeValue.milliseconds(effort.millis()))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        if (through != null) {
            options.param("through", through.name());
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        RunResult result = results.iterator().next();
        List<Double> nanos = new ArrayList<>();
        for (var fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                nanos.add(iteration.getPrimaryResult().getScore());
            }
        }
        rounds.add(Median.of(nanos));
        Result<?> allocation = result.getSecondaryResults().get(ALLOCATION);
        if (allocation == null) {
            throw new IllegalStateException("JMH did not measure " + ALLOCATION);
        }
        bytes = Math.max(bytes, allocation.getScore());
    }

    Operation operation() {
        return operation;
    }

    Through through() {
        return through;
    }

    /** Nanoseconds of an operation. */
    double nanos() {
        return Median.of(rounds);
    }

    /** How much slower than another, both measured in the same rounds. */
    double nanosMoreThan(Cell other) {
        List<Double> differences = new ArrayList<>();
        for (int i = 0; i < rounds.size(); i++) {
            differences.add(rounds.get(i) - other.rounds.get(i));
        }
        return Median.of(differences);
    }

    /** The largest distance of two rounds. */
    double spread() {
        return rounds.stream().mapToDouble(Double::doubleValue).max().orElse(0)
                - rounds.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    /** Bytes that an operation allocates, in the worst round. */
    double bytes() {
        return bytes;
    }
}
