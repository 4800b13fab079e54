package org.rddma.perftest;

import java.nio.file.Path;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.Verbs;

/** Opens devices, with a capture of their packets where one is asked for. */
final class CapturedDevice {
    /** Software devices look at it when they are opened. */
    private static final String PROPERTY = "softdev.pcap";

    private CapturedDevice() {}

    /** Opens a device; its packets go to the file unless that is null. */
    static synchronized Context open(String name, Path file) {
        if (file == null) {
            return Verbs.open(name);
        }
        Device device = Side.device(name);
        OptionRules.refuseIf(
                !device.provider().equals(Reach.SOFTWARE_DEVICES),
                "--pcap: only the software device knows its packets; capture those of " + name + " from outside");
        String before = System.getProperty(PROPERTY);
        System.setProperty(PROPERTY, file.toString());
        try {
            return Verbs.open(name);
        } finally {
            if (before == null) {
                System.clearProperty(PROPERTY);
            } else {
                System.setProperty(PROPERTY, before);
            }
        }
    }
}
