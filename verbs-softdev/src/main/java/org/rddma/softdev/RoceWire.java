package org.rddma.softdev;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketDirectory;
import org.rddma.softdev.link.roce.PacketFaults;
import org.rddma.softdev.link.roce.PacketSink;
import org.rddma.softdev.link.roce.RocePort;
import org.rddma.softdev.link.roce.RoceSettings;
import org.rddma.verbs.Gid;
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
    private volatile RocePort port; // null while there are no users
    private volatile Mtu mtu; // of the port while it is open

    RoceWire(SoftDevice device, RoceOptions options) {
        this.device = device;
        this.options = options;
    }

    /** One user more: the first opens the port. */
    void acquire() {
        if (users == 0) {
            Mtu usable = usableMtu();
            RocePort opened = RocePort.open(settings(), this, device.name());
            opened.set(device.port().isUp());
            mtu = usable;
            port = opened;
        }
        users++;
    }

    private RoceSettings settings() {
        RoceFaults faults = options.faults();
        RoceSettings settings = RoceSettings.of(options.address())
                .withCapture(device.capture())
                .withReceiveCpu(options.receiveCpu())
                .withReceiveBufferBytes(options.receiveBufferBytes());
        if (options.polling()) {
            settings = settings.withSpinMicros(RoceSettings.ALWAYS);
        }
        return faults == null
                ? settings
                : settings.withFaults(new PacketFaults(
                        faults.seed(), faults.loss(), faults.duplication(), faults.reordering(), faults.maxDelay()));
    }

    /** What the interface allows now, unless less is asked for. */
    private Mtu usableMtu() {
        Mtu asked = device.options().mtu();
        try {
            Mtu allowed = RocePort.mtuOf(options.address());
            return asked.compareTo(allowed) < 0 ? asked : allowed;
        } catch (VerbsException e) {
            throw e.onBehalfOf("open");
        }
    }

    /** One user less: the last closes the port. All its queue pairs are gone. */
    void release() {
        if (--users == 0) {
            RocePort closing = port;
            port = null;
            mtu = null;
            closing.close();
        }
    }

    /** The port goes down or comes up: while it is down nothing is sent, and what comes is dropped. */
    void set(boolean up) {
        RocePort current = port;
        if (current != null) {
            current.set(up);
        }
    }

    /** Receives datagrams to a group, until it is left as often as it was joined. */
    void join(String verb, Gid group) {
        try {
            port.join(group.high(), group.low());
        } catch (VerbsException e) {
            throw e.onBehalfOf(verb);
        }
    }

    void leave(Gid group) {
        port.leave(group.high(), group.low());
    }

    RocePort port() {
        return port;
    }

    List<Thread> threads() {
        RocePort current = port;
        return current == null ? List.of() : current.threads();
    }

    /** What fits into a packet: an open port does not follow when the interface is changed. */
    Mtu mtu() {
        Mtu ofOpenPort = mtu;
        return ofOpenPort == null ? usableMtu() : ofOpenPort;
    }

    /** What the port counted since it was opened, by the names that soft RoCE uses; empty while it is closed. */
    Map<String, Long> counters() {
        Map<String, Long> counted = new TreeMap<>();
        RocePort current = port;
        if (current != null) {
            for (PacketCounter counter : PacketCounter.values()) {
                counted.put(counter.text(), current.value(counter));
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
