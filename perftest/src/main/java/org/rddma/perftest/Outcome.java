package org.rddma.perftest;

/**
 * What a phase has given, as this process reports it.
 *
 * @param samples of a latency test, valid until the next phase; null for bandwidth
 * @param transfer of a bandwidth test, of all directions; null for latency
 * @param received messages that found receives; -1 where none are posted
 * @param statistics how completions were found, by the ends of this process
 */
record Outcome(Samples samples, Transfer transfer, long received, CompletionStatistics statistics) {}
