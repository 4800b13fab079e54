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

    void print(Side client, Side server) {
        out.print(" ".repeat(20) + TestFacts.title(settings) + "\n");
        if (settings.events) {
            out.print(" Test with events. Using " + client.context.device().name() + "_comp" + settings.vector + "\n");
        }
        for (Map.Entry<String, Object> fact :
                new TestFacts(settings, client).asMap().entrySet()) {
            if (!fact.getKey().equals("Test with events")) {
                print(fact.getKey().replace('_', ' '), fact.getValue() + unitOf(fact.getKey()));
            }
        }
        print("Clock", Clock.measure().toString());
        out.print("-".repeat(87) + "\n");
        addresses("local", client);
        addresses("remote", server);
    }

    private void print(String key, String value) {
        out.printf(Locale.ROOT, " %-17s : %s\n", key, value);
    }

    private static String unitOf(String key) {
        return key.equals("Mtu") || key.equals("Max_inline_data") ? "[B]" : "";
    }

    private void addresses(String which, Side side) {
        int lid = side.portAttributes().lid();
        for (int i = 0; i < Math.min(side.lanes.length, ADDRESS_LINES); i++) {
            Lane lane = side.lanes[i];
            StringBuilder line = new StringBuilder(String.format(
                    Locale.ROOT,
                    " %s address: LID %#06x QPN %#08x PSN %#08x",
                    which,
                    lid,
                    lane.queuePair.number(),
                    Connector.psnOf(lane.queuePair)));
            if (settings.kind.verb == Verb.READ) {
                line.append(String.format(Locale.ROOT, " OUT %#04x", side.outstandingReads()));
            }
            if (settings.kind.verb == Verb.READ || settings.kind.verb == Verb.WRITE && !settings.withImmediate()) {
                line.append(String.format(
                        Locale.ROOT, " RKey %#010x VAddr %#018x", side.receiveRegion.rkey(), lane.receiveAddress()));
            }
            out.print(line + "\n");
            out.print(" GID: " + decimal(side.gid()) + "\n");
        }
        if (side.lanes.length > ADDRESS_LINES) {
            out.print(" and " + (side.lanes.length - ADDRESS_LINES) + " more " + which + " addresses\n");
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
