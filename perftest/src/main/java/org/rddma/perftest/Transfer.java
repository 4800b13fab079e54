package org.rddma.perftest;

import java.util.OptionalDouble;

/**
 * What a bandwidth phase has moved in one direction, or the sum of two.
 *
 * @param messages complete at the sender
 * @param nanos from the first post to the last completion
 * @param peak messages per second of the best stretch; empty when not measured
 */
record Transfer(long messages, double nanos, OptionalDouble peak) {
    double messagesPerSecond() {
        return messages / nanos * 1e9;
    }

    /** Both directions at once: the rates add. */
    Transfer plus(Transfer other) {
        long sum = messages + other.messages;
        double rate = messagesPerSecond() + other.messagesPerSecond();
        OptionalDouble best = peak.isPresent() && other.peak.isPresent()
                ? OptionalDouble.of(peak.getAsDouble() + other.peak.getAsDouble())
                : OptionalDouble.empty();
        return new Transfer(sum, sum / rate * 1e9, best);
    }

    /** One after the other: messages and times add, the better peak counts. */
    Transfer then(Transfer next) {
        OptionalDouble best = peak.isPresent() && next.peak.isPresent()
                ? OptionalDouble.of(Math.max(peak.getAsDouble(), next.peak.getAsDouble()))
                : OptionalDouble.empty();
        return new Transfer(messages + next.messages, nanos + next.nanos, best);
    }
}
