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
        long messages = AddressFacts.number(facts, what, n -> true);
        double nanos = AddressFacts.amount(facts, what + ".nanos");
        if (what.equals("sent") && messages > 0 && Double.isNaN(nanos)) { // who sends knows how long it took
            throw new RunFailedException("the other end does not say how long it took to send");
        }
        return new Transfer(
                messages,
                nanos,
                facts.containsKey(peak) ? OptionalDouble.of(AddressFacts.amount(facts, peak)) : OptionalDouble.empty());
    }
}
