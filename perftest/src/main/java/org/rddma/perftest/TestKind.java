package org.rddma.perftest;

import java.util.Locale;

/** The tests, by command name. */
enum TestKind {
    SEND_LAT(Verb.SEND, true),
    SEND_BW(Verb.SEND, false),
    WRITE_LAT(Verb.WRITE, true),
    WRITE_BW(Verb.WRITE, false),
    READ_LAT(Verb.READ, true),
    READ_BW(Verb.READ, false),
    ATOMIC_LAT(Verb.ATOMIC, true),
    ATOMIC_BW(Verb.ATOMIC, false);

    final Verb verb;
    final boolean latency;

    TestKind(Verb verb, boolean latency) {
        this.verb = verb;
        this.latency = latency;
    }

    String command() {
        return name().toLowerCase(Locale.ROOT);
    }

    String description() {
        return switch (verb) {
            case SEND -> latency ? "Half the round trip of a SEND and its answer." : "Bandwidth of SEND.";
            case WRITE ->
                latency
                        ? "Half the round trip of an RDMA WRITE and its answer, polling memory."
                        : "Bandwidth of RDMA WRITE.";
            case READ -> latency ? "Time from posting an RDMA READ to its completion." : "Bandwidth of RDMA READ.";
            case ATOMIC -> latency ? "Time from posting an atomic to its completion." : "Bandwidth of atomics.";
        };
    }
}
