package org.rddma.perftest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** What an end has moved, as facts for the other. */
final class TransferFacts {
    private TransferFacts() {}

    static Map<String, String> of(String what, Transfer transfer) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(what, Long.toString(transfer.messages()));
        facts.put(what + ".nanos", Double.toString(transfer.nanos()));
        transfer.peak().ifPresent(peak -> facts.put(what + ".peak", Double.toString(peak)));
        return facts;
    }

    static Transfer read(String what, Map<String, String> facts) {
        String peak = what + ".peak";
        return new Transfer(
                AddressFacts.number(facts, what, n -> true),
                AddressFacts.amount(facts, what + ".nanos"),
                facts.containsKey(peak) ? OptionalDouble.of(AddressFacts.amount(facts, peak)) : OptionalDouble.empty());
    }
}
