package org.rddma.perftest;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import org.rddma.verbs.Gid;

/** What stands above the table. */
final class TextHeader {
    private static final int ADDRESS_LINES = 8;

    private final PrintStream out;
    private final Settings settings;

    TextHeader(PrintStream out, Settings settings) {
        this.out = out;
        this.settings = settings;
    }

    void print(Side local, SideAddress remote) {
        out.print(" ".repeat(20) + TestFacts.title(settings) + "\n");
        if (settings.events) {
            out.print(" Test with events. Using " + local.context.device().name() + "_comp" + settings.vector + "\n");
        }
        for (Map.Entry<String, Object> fact :
                new TestFacts(settings, local).asMap().entrySet()) {
            if (!fact.getKey().equals("Test with events")) {
                print(fact.getKey().replace('_', ' '), fact.getValue() + unitOf(fact.getKey()));
            }
        }
        print("Clock", Clock.measure().toString());
        out.print("-".repeat(87) + "\n");
        addresses("local", local.address());
        addresses("remote", remote);
    }

    private void print(String key, String value) {
        out.printf(Locale.ROOT, " %-17s : %s\n", key, value);
    }

    private static String unitOf(String key) {
        return key.equals("Mtu") || key.equals("Max_inline_data") ? "[B]" : "";
    }

    private void addresses(String which, SideAddress side) {
        int count = side.lanes().size();
        for (int i = 0; i < Math.min(count, ADDRESS_LINES); i++) {
            LaneAddress lane = side.lanes().get(i);
            StringBuilder line = new StringBuilder(String.format(
                    Locale.ROOT,
                    " %s address: LID %#06x QPN %#08x PSN %#08x",
                    which,
                    side.lid(),
                    lane.queuePair(),
                    lane.psn()));
            if (settings.kind.verb == Verb.READ) {
                line.append(String.format(Locale.ROOT, " OUT %#04x", side.outstandingReads()));
            }
            if (settings.kind.verb == Verb.READ || settings.kind.verb == Verb.WRITE && !settings.withImmediate()) {
                line.append(String.format(Locale.ROOT, " RKey %#010x VAddr %#018x", side.rkey(), lane.memory()));
            }
            out.print(line + "\n");
            out.print(" GID: " + decimal(side.gid()) + "\n");
        }
        if (count > ADDRESS_LINES) {
            out.print(" and " + (count - ADDRESS_LINES) + " more " + which + " addresses\n");
        }
    }

    private static String decimal(Gid gid) {
        StringBuilder text = new StringBuilder();
        for (byte b : gid.toBytes()) {
            text.append(text.length() == 0 ? "" : ":").append(String.format(Locale.ROOT, "%02d", b & 255));
        }
        return text.toString();
    }
}
