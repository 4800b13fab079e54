package org.rddma.perftest;

/**
 * One row of a bandwidth test.
 *
 * @param size bytes of a message
 * @param transfer what was sent
 * @param local of it, what this end has sent in the last phase
 * @param remote of it, what the other end has sent in the last phase
 * @param received messages that arrived in posted receives; -1 where none are posted
 * @param warmUp what was run before and does not count
 * @param completion how both ends found their completions
 * @param comparison with the limit; null when not asked for
 */
record BandwidthResult(
        int size,
        Transfer transfer,
        Transfer local,
        Transfer remote,
        long received,
        WarmUp warmUp,
        CompletionStatistics completion,
        Comparison comparison) {
    private static final double MIB = 1 << 20;
    private static final double GBIT_BYTES = 1.25e8;

    /** In MiB or in Gb per second; NaN when not measured. */
    double average(boolean gbits) {
        return transfer.messagesPerSecond() * size / (gbits ? GBIT_BYTES : MIB);
    }

    /** In MiB or in Gb per second; NaN when not measured. */
    double peak(boolean gbits) {
        return transfer.peak().orElse(Double.NaN) * size / (gbits ? GBIT_BYTES : MIB);
    }

    /** NaN when not measured. */
    double millionMessagesPerSecond() {
        return transfer.messagesPerSecond() / 1e6;
    }

    /** The row of one direction alone. */
    BandwidthResult of(Transfer direction) {
        return new BandwidthResult(size, direction, null, null, -1, warmUp, completion, null);
    }
}
