package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A test from opening the device to the last row. */
final class TestRun {
    private static final long LIMIT_WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long LIMIT_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Settings settings;
    private final Control control = new Control();
    private final ProgressLine progressLine;

    TestRun(Settings settings, ProgressLine progressLine) {
        this.settings = settings;
        this.progressLine = progressLine;
    }

    /** Runs it and tells the report. */
    void run(Report report) {
        try (Duo duo = new Duo(control, settings.pinCores, progressLine);
                Side client = Side.open(settings, control, End.CLIENT);
                Side server = Side.open(settings, control, End.SERVER)) {
            Side.connect(client, server);
            duo.onFailure(() -> {
                client.wakeup();
                server.wakeup();
            });
            report.begin(client, server);
            if (settings.kind.latency) {
                LatencyTest test = new LatencyTest(settings, control, duo, client, server);
                for (int size : client.sizes()) {
                    report.row(latency(test, size, duo, client));
                }
            } else {
                BandwidthTest test = new BandwidthTest(settings, control, duo, client, server);
                for (int size : client.sizes()) {
                    report.row(bandwidth(test, size, duo, client, server));
                }
            }
        }
    }

    private LatencyResult latency(LatencyTest test, int size, Duo duo, Side client) {
        test.prepare(size);
        long start = System.nanoTime();
        WarmUp warmUp = warmUp(start, test.run(PhaseLength.WARM_UP).count());
        if (settings.marginNanos > 0) {
            test.run(PhaseLength.ofNanos(settings.marginNanos));
        }
        Samples all = new Samples(settings.reportUnsorted ? (int) settings.iterations * settings.rounds : 0);
        CompletionStatistics statistics = new CompletionStatistics(0, 0, 0);
        Limit limit = settings.limits ? latencyLimit(duo) : null;
        List<double[]> rounds = new ArrayList<>();
        for (int round = 0; round < settings.rounds; round++) {
            double machine = limit == null ? 0 : limit.round(LIMIT_ROUND_NANOS);
            Samples samples = test.run(roundLength());
            statistics = statistics.plus(client.completions.statistics());
            all.add(samples);
            rounds.add(new double[] {machine, samples.median().orElse(Double.NaN) / settings.rttDivisor()});
        }
        if (settings.marginNanos > 0) {
            test.run(PhaseLength.ofNanos(settings.marginNanos));
        }
        Comparison comparison = limit == null ? null : comparison(limit.title(), "ns", rounds);
        return new LatencyResult(size, all, settings.rttDivisor(), warmUp, statistics, comparison);
    }

    private BandwidthResult bandwidth(BandwidthTest test, int size, Duo duo, Side client, Side server) {
        test.prepare(size);
        long start = System.nanoTime();
        WarmUp warmUp = warmUp(start, test.run(PhaseLength.WARM_UP).messages());
        if (settings.marginNanos > 0) {
            test.run(PhaseLength.ofNanos(settings.marginNanos));
        }
        Transfer all = null;
        long received = 0;
        CompletionStatistics statistics = new CompletionStatistics(0, 0, 0);
        CopyLimit limit = settings.limits ? new CopyLimit(duo, size) : null;
        if (limit != null) {
            limit.run(LIMIT_WARM_UP_NANOS);
        }
        List<double[]> rounds = new ArrayList<>();
        for (int round = 0; round < settings.rounds; round++) {
            double machine = limit == null ? 0 : limit.bytesPerSecond(LIMIT_ROUND_NANOS);
            Transfer transfer = test.run(roundLength());
            statistics = statistics.plus(client.completions.statistics()).plus(server.completions.statistics());
            all = all == null ? transfer : all.then(transfer);
            received += test.received();
            rounds.add(new double[] {machine / 1e9, transfer.messagesPerSecond() * size / 1e9});
        }
        if (settings.marginNanos > 0) {
            test.run(PhaseLength.ofNanos(settings.marginNanos));
        }
        Comparison comparison = limit == null ? null : comparison(limit.title(), "GB/s", rounds);
        return new BandwidthResult(size, all, settings.receives() ? received : -1, warmUp, statistics, comparison);
    }

    private static WarmUp warmUp(long startNanos, long messages) {
        return new WarmUp(messages, (System.nanoTime() - startNanos) / 1e9);
    }

    private PhaseLength roundLength() {
        if (settings.isTimed()) {
            return PhaseLength.ofNanos((settings.durationNanos - 2 * settings.marginNanos) / settings.rounds);
        }
        return settings.limits && !settings.iterationsGiven
                ? PhaseLength.ofRound(LIMIT_ROUND_NANOS)
                : PhaseLength.ofMessages(settings.iterations);
    }

    /** What the messages of this test cannot be faster than. */
    private Limit latencyLimit(Duo duo) {
        boolean oneSided = settings.kind.verb.isOneSided();
        Limit limit;
        if (settings.events) {
            limit = oneSided ? SystemCallLimit.writeAndRead(duo) : new EventFdLimit(duo);
        } else {
            limit = oneSided ? CacheLineLimit.thereAndBack(duo) : CacheLineLimit.oneWay(duo);
        }
        limit.run(LIMIT_WARM_UP_NANOS);
        return limit;
    }

    private static Comparison comparison(String title, String unit, List<double[]> rounds) {
        return new Comparison(
                title,
                unit,
                rounds.stream().map(round -> round[0]).toList(),
                rounds.stream().map(round -> round[1]).toList());
    }
}
