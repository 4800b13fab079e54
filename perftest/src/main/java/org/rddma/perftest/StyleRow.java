package org.rddma.perftest;

import java.util.List;

/**
 * One style of echo service, over all rounds, next to the one that it is compared with.
 *
 * @param style its title
 * @param throughput echoes of a second: those of the reference and its own, round by round
 * @param latency medians of the round trips in nanoseconds: those of the reference and its own, round by round
 * @param roundTrips all of them
 */
record StyleRow(String style, Comparison throughput, Comparison latency, Samples roundTrips) {
    static StyleRow of(EchoStyle style, EchoStyle reference, List<EchoTrial.Result> own, List<EchoTrial.Result> its) {
        Samples all = new Samples();
        own.forEach(result -> all.add(result.roundTrips()));
        return new StyleRow(
                style.title(),
                new Comparison(reference.title(), "msg/sec", rates(its), rates(own)),
                new Comparison(reference.title(), "ns", medians(its), medians(own)),
                all);
    }

    private static List<Double> rates(List<EchoTrial.Result> results) {
        return results.stream().map(EchoTrial.Result::messagesPerSecond).toList();
    }

    private static List<Double> medians(List<EchoTrial.Result> results) {
        return results.stream()
                .map(result -> result.roundTrips()
                        .median()
                        .orElseThrow(() -> new RunFailedException("a round has no two round trips: run longer (-D)")))
                .toList();
    }

    /** Whether the rounds of this style differ so much that its figures say little. */
    boolean isNoisy() {
        return throughput.isNoisy() || latency.isNoisy();
    }
}
