package org.rddma.perftest;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.rddma.verbs.Device;
import org.rddma.verbs.Verbs;
import picocli.CommandLine.Command;

/** Lists the devices with their GUIDs, as ibv_devices does. */
@Command(
        description = "Lists the devices with their GUIDs.",
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class)
final class DevicesCommand implements Callable<Integer> {
    private final PrintStream out;

    DevicesCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        out.printf(Locale.ROOT, "    %-16s\t   node GUID\n", "device");
        out.printf(Locale.ROOT, "    %-16s\t----------------\n", "------");
        for (Device device : Verbs.devices()) {
            out.printf(Locale.ROOT, "    %-16s\t%016x\n", device.name(), device.nodeGuid());
        }
        return Perftest.OK;
    }
}
