package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The rows of a test: for each size a warm-up, the phases that count, and the margins around them. */
final class Rows {
    private static final long LIMIT_WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long LIMIT_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final String WHILE_MEASURING = ": the last row holds what was measured up to then";
    private static final String WHILE_NOT = ", while nothing was being measured: no row is cut short";

    private final Settings settings;
    private final Stage stage;
    /** For the limits of the machine; null where there are none. */
    private final Duo duo;

    /** Whether the last row is not what was asked for. */
    private boolean cut;

    Rows(Settings settings, Stage stage, Duo duo) {
        this.settings = settings;
        this.stage = stage;
        this.duo = duo;
    }

    /** Runs all and tells the report, up to the end or to an interruption, which is returned; otherwise null. */
    String run(Report report) {
        report.begin(stage.local(), stage.remote());
        for (int size : stage.local().sizes()) {
            if (stage.interruption() == null) {
                row(size, report);
            }
        }
        String interruption = stage.interruption();
        if (interruption != null) {
            report.interrupted("the run was " + interruption + (cut ? WHILE_MEASURING : WHILE_NOT));
        }
        return interruption;
    }

    private void row(int size, Report report) {
        stage.prepare(size);
        long start = System.nanoTime();
        Outcome warm = stage.run(settings.warmUp);
        long messages =
                settings.kind.latency ? warm.samples().count() : warm.transfer().messages();
        WarmUp warmUp = new WarmUp(messages, (System.nanoTime() - start) / 1e9);
        margin();
        if (stage.interruption() != null) {
            return; // nothing was measured
        }
        if (settings.kind.latency) {
            LatencyResult result = latency(size, warmUp);
            if (result.samples().count() > 0) { // some servers only answer
                report.row(result);
                cut = stage.interruption() != null;
            }
        } else {
            BandwidthResult result = bandwidth(size, warmUp);
            if (result.transfer().messages() > 0) {
                report.row(result);
                cut = stage.interruption() != null;
            }
        }
        margin();
    }

    private void margin() {
        if (settings.marginNanos > 0 && stage.interruption() == null) {
            Outcome unused = stage.run(PhaseLength.ofNanos(settings.marginNanos));
        }
    }

    private LatencyResult latency(int size, WarmUp warmUp) {
        Samples all = new Samples(settings.reportUnsorted ? (int) settings.iterations * settings.rounds : 0);
        CompletionStatistics statistics = new CompletionStatistics(0, 0, 0);
        Limit limit = settings.limits ? latencyLimit() : null;
        List<double[]> rounds = new ArrayList<>();
        for (int round = 0; round < settings.rounds && stage.interruption() == null; round++) {
            double machine = limit == null ? 0 : limit.round(LIMIT_ROUND_NANOS);
            Outcome outcome = stage.run(roundLength());
            Samples samples = outcome.samples();
            statistics = statistics.plus(outcome.statistics());
            all.add(samples);
            rounds.add(new double[] {machine, samples.median().orElse(Double.NaN) / settings.rttDivisor()});
        }
        Comparison comparison = limit == null ? null : comparison(limit.title(), "ns", rounds);
        return new LatencyResult(size, all, settings.rttDivisor(), warmUp, statistics, comparison);
    }

    private BandwidthResult bandwidth(int size, WarmUp warmUp) {
        Transfer all = null;
        Outcome last = null;
        long received = 0;
        CompletionStatistics statistics = new CompletionStatistics(0, 0, 0);
        CopyLimit limit = settings.limits ? new CopyLimit(duo, size) : null;
        if (limit != null) {
            limit.run(LIMIT_WARM_UP_NANOS);
        }
        List<double[]> rounds = new ArrayList<>();
        for (int round = 0; round < settings.rounds && stage.interruption() == null; round++) {
            double machine = limit == null ? 0 : limit.bytesPerSecond(LIMIT_ROUND_NANOS);
            Outcome outcome = stage.run(roundLength());
            Transfer transfer = outcome.transfer();
            statistics = statistics.plus(outcome.statistics());
            last = outcome;
            all = all == null ? transfer : all.then(transfer);
            received = outcome.received() < 0 ? -1 : received + outcome.received();
            rounds.add(new double[] {machine / 1e9, transfer.messagesPerSecond() * size / 1e9});
        }
        Comparison comparison = limit == null ? null : comparison(limit.title(), "GB/s", rounds);
        return new BandwidthResult(size, all, last.local(), last.remote(), received, warmUp, statistics, comparison);
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
    private Limit latencyLimit() {
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
