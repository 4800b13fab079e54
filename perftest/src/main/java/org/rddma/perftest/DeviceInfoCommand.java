package org.rddma.perftest;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.Verbs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says what devices are and can do, as ibv_devinfo does. */
@Command(
        description = "Says what devices are and can do.",
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class)
final class DeviceInfoCommand implements Callable<Integer> {
    @Option(
            names = {"-d", "--ib-dev"},
            description = "Device (default: all).")
    private String device;

    @Option(
            names = {"-i", "--ib-port"},
            description = "Port (default: all).")
    private Integer port;

    @Option(
            names = {"-l", "--list"},
            description = "Only the names.")
    private boolean list;

    @Option(
            names = {"-v", "--verbose"},
            description = "All attributes and GIDs.")
    private boolean verbose;

    private final PrintStream out;

    DeviceInfoCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        List<Device> devices = Verbs.devices();
        if (list) {
            out.print(devices.size() + (devices.size() == 1 ? " HCA found:\n" : " HCAs found:\n"));
            devices.forEach(found -> out.print("\t" + found.name() + "\n"));
            return Perftest.OK;
        }
        List<Device> chosen = device == null ? devices : List.of(Side.device(device));
        if (chosen.isEmpty()) {
            throw new UsageException("there is no device");
        }
        DeviceInfo info = new DeviceInfo(out, verbose);
        for (Device found : chosen) {
            int ports = found.attributes().ports();
            if (port != null && (port < 1 || port > ports)) {
                throw new UsageException(found.name() + " has no port " + port + ": it has " + ports);
            }
            try (Context context = found.open()) {
                info.device(context);
                for (int number = 1; number <= ports; number++) {
                    if (port == null || port == number) {
                        info.port(context, number);
                    }
                }
            }
            out.print("\n");
        }
        return Perftest.OK;
    }
}
