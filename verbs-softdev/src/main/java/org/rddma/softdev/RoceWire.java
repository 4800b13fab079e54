package org.rddma.softdev;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketDirectory;
import org.rddma.softdev.link.roce.PacketPort;
import org.rddma.softdev.link.roce.PacketSink;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.VerbsException;

/**
 * The way of a device to the wire: a port that is open while a context of the device is, and shared by all of them. Its
 * owner calls it under a lock of its own, except for what the port's thread and those who only look call.
 */
final class RoceWire implements PacketDirectory {
    private static final PacketSink[] NOBODY = {};

    private final SoftDevice device;
    private final RoceOptions options;
    private int users;
    private volatile PacketPort port; // null while there are no users

    RoceWire(SoftDevice device, RoceOptions options) {
        this.device = device;
        this.options = options;
    }

    /** One user more: the first opens the port. */
    void acquire() {
        if (users == 0) {
            port = open();
        }
        users++;
    }

    private PacketPort open() {
        throw new VerbsException("open", Errno.EOPNOTSUPP, "there is no socket yet for " + options.address());
    }

    /** One user less: the last closes the port. All its queue pairs are gone. */
    void release() {
        if (--users == 0) {
            port = null;
        }
    }

    PacketPort port() {
        return port;
    }

    List<Thread> threads() {
        return List.of();
    }

    /** What fits into a packet: what the interface allows, unless less is asked for. */
    Mtu mtu() {
        return device.options().mtu();
    }

    /** What the port counted since it was opened, by the names that soft RoCE uses; empty while it is closed. */
    Map<String, Long> counters() {
        Map<String, Long> counted = new TreeMap<>();
        PacketPort current = port;
        if (current != null) {
            for (PacketCounter counter : PacketCounter.values()) {
                counted.put(counter.text(), current.counters().value(counter));
            }
        }
        return counted;
    }

    @Override
    public PacketSink find(int number) {
        return device.port().isUp() ? device.queuePair(number) : null;
    }

    @Override
    public PacketSink[] group(long gidHigh, long gidLow) {
        return device.port().isUp() ? device.fabric().groups().find(gidHigh, gidLow) : NOBODY;
    }
}
