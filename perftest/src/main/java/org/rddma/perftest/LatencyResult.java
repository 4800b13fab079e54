package org.rddma.perftest;

/**
 * One row of a latency test.
 *
 * @param size bytes of a message
 * @param samples round trip times
 * @param divisor what the report divides them by
 * @param warmUp what was run before and does not count
 * @param completion how the client found its completions
 * @param comparison with the limit; null when not asked for
 */
record LatencyResult(
        int size,
        Samples samples,
        int divisor,
        WarmUp warmUp,
        CompletionStatistics completion,
        Comparison comparison) {}
