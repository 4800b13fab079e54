package org.rddma.perftest;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What both ends of a test must have been told alike, by the option that says it; the rest each end has for itself.
 */
final class Terms {
    private static final String PROTOCOL = "perftest";
    private static final String VERSION = "1";
    private static final String END = "end";
    private static final String TEST = "test";
    private static final String ABSENT = "nothing";

    private Terms() {}

    /** Of this end, as facts for the other. */
    static Map<String, String> of(Settings settings, End end) {
        Map<String, String> terms = new LinkedHashMap<>();
        terms.put(PROTOCOL, VERSION);
        terms.put(END, end.title());
        terms.put(TEST, settings.kind.command());
        terms.put("-c", settings.type.name());
        terms.put("-s", settings.all ? "all" : Integer.toString(settings.size));
        terms.put("-n", settings.isTimed() ? ABSENT : Long.toString(settings.iterations));
        terms.put("-D", settings.isTimed() ? settings.durationNanos / 1e9 + " seconds" : ABSENT);
        terms.put("-f", settings.isTimed() ? settings.marginNanos / 1e9 + " seconds" : ABSENT);
        terms.put("-b", Boolean.toString(settings.bidirectional));
        terms.put("-q", Integer.toString(settings.ownQueues ? 1 : settings.queuePairs));
        terms.put("--cqs", settings.ownQueues ? Integer.toString(settings.queuePairs) : ABSENT);
        terms.put("--busy_cqs", Integer.toString(settings.busyQueuePairs));
        terms.put("opcode", settings.opcode.text());
        return terms;
    }

    /** Throws what differs, with both values: the same sentence at both ends, but for who is who. */
    static void check(Map<String, String> own, Map<String, String> other) {
        String version = other.get(PROTOCOL);
        if (version == null) {
            throw new RunFailedException("the other end is no perftest of this project");
        }
        if (!version.equals(VERSION)) {
            throw new RunFailedException("the other end is a perftest that speaks version " + version
                    + " of the exchange, this one " + VERSION + ": run the same release on both ends");
        }
        if (own.get(END).equals(other.get(END))) {
            throw new RunFailedException("both ends are " + own.get(END) + "s: one must be given the other's HOST");
        }
        StringBuilder differences = new StringBuilder();
        own.forEach((term, value) -> {
            String its = other.getOrDefault(term, ABSENT);
            if (!term.equals(END) && !value.equals(its)) {
                differences
                        .append(differences.length() == 0 ? "" : ", ")
                        .append(term)
                        .append(": here ")
                        .append(value)
                        .append(", there ")
                        .append(its);
            }
        });
        if (differences.length() > 0) {
            throw new RunFailedException("both ends must be given the same test and options; " + differences);
        }
    }
}
