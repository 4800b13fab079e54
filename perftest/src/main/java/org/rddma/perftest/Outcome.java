package org.rddma.perftest;

/**
 * What a phase has given, as this process reports it.
 *
 * @param samples of a latency test, valid until the next phase; null for bandwidth
 * @param transfer of a bandwidth test, of all directions; null for latency
 * @param local of it, what this end has sent, where each end sends; otherwise null
 * @param remote of it, what the other end has sent, where each end sends; otherwise null
 * @param received messages that found receives; -1 where none are posted
 * @param statistics how completions were found, by the ends of this process
 */
record Outcome(
        Samples samples,
        Transfer transfer,
        Transfer local,
        Transfer remote,
        long received,
        CompletionStatistics statistics) {}
