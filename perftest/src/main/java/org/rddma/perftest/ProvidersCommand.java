package org.rddma.perftest;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.rddma.verbs.ProviderStatus;
import org.rddma.verbs.Verbs;
import picocli.CommandLine.Command;

/** Lists the providers of devices, and why some cannot be used. */
@Command(
        description = {"Lists the providers of devices in the order in which they are used,", "and why some are not."},
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class)
final class ProvidersCommand implements Callable<Integer> {
    private static final String ROW = "%-16s %-7s %-8s %-12s %s\n";

    private final PrintStream out;

    ProvidersCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        out.printf(Locale.ROOT, ROW, "provider", "version", "priority", "state", "class");
        for (ProviderStatus provider : Verbs.providers()) {
            out.printf(
                    Locale.ROOT,
                    ROW,
                    orDash(provider.name()),
                    provider.version(),
                    provider.major() < 0 ? "-" : provider.priority(),
                    state(provider),
                    orDash(provider.className()));
            if (!provider.usable()) {
                out.print("    " + provider.reason().replace('\n', ' ') + "\n");
            }
        }
        return Perftest.OK;
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private static String state(ProviderStatus provider) {
        if (!provider.selected()) {
            return "not used";
        }
        return provider.usable() ? "used" : "cannot work";
    }
}
