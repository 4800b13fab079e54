package org.rddma.softdev;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * The devices on the wire that this process knows by their names: one for each address, made when it is first asked for.
 * Any address of this host has one; those that a list names are also listed.
 */
final class RoceDevices {
    /** The addresses of the devices that are listed, separated by commas. */
    static final String PROPERTY = "softdev.roce";

    /** Used where the property is not set. */
    static final String ENVIRONMENT = "SOFTDEV_ROCE";

    /** Whether the threads of such devices spin on their sockets: {@code true} or nothing. */
    static final String POLLING = "softdev.roce.polling";

    private static final Map<String, SoftDevice> DEVICES = new HashMap<>(); // guarded by itself

    private RoceDevices() {}

    static SoftDevice at(InetAddress address) {
        RoceOptions options = RoceOptions.of(address).withPolling(Boolean.getBoolean(POLLING));
        synchronized (DEVICES) {
            return DEVICES.compute(
                    RoceNames.of(address),
                    (name, known) -> known == null || known.isRemoved() ? SoftDevice.roce(options) : known);
        }
    }

    /** The device of a name; null when it is no name of a device on the wire. */
    static SoftDevice find(String name) {
        return RoceNames.isOne(name) ? named(name) : null;
    }

    private static SoftDevice named(String name) {
        InetAddress address = RoceNames.parse(name);
        try {
            return at(address);
        } catch (IllegalArgumentException e) {
            throw new VerbsException("open", Errno.ENODEV, e.getMessage(), e);
        }
    }

    static List<SoftDevice> listed() {
        String list = System.getProperty(PROPERTY);
        if (list == null) {
            list = System.getenv(ENVIRONMENT);
        }
        List<SoftDevice> listed = new ArrayList<>();
        if (list == null) {
            return listed;
        }
        for (String entry : list.split(",", -1)) {
            String name = entry.strip();
            if (!name.isEmpty()) {
                SoftDevice device = named(name);
                if (!listed.contains(device)) {
                    listed.add(device);
                }
            }
        }
        return listed;
    }
}
