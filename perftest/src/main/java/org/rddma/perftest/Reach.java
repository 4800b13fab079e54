package org.rddma.perftest;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import org.rddma.verbs.Device;
import org.rddma.verbs.Verbs;

/** Which devices reach the queue pairs of other processes. */
final class Reach {
    /** What the names of devices on the wire begin with; the address of this host that they use follows. */
    private static final String ON_THE_WIRE = "roce:";

    static final String SOFTWARE_DEVICES = "softdev";

    private Reach() {}

    /**
     * The device for a test with another process: the one that was given, or the first on the wire; null for none.
     */
    static String choose(String given) {
        if (given == null) {
            return Verbs.devices().stream()
                    .map(Device::name)
                    .filter(name -> name.startsWith(ON_THE_WIRE))
                    .findFirst()
                    .orElse(null);
        }
        Device device = Side.device(given);
        OptionRules.refuseIf(
                device.provider().equals(SOFTWARE_DEVICES) && !given.startsWith(ON_THE_WIRE),
                "-d: " + given
                        + " reaches the queue pairs of its own process only: give --loopback for both ends in this"
                        + " process, or a device on the wire, such as -d " + ON_THE_WIRE + "ADDRESS");
        return given;
    }

    /** The device at the address that this host would use towards the other. */
    static String toward(InetSocketAddress other) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(other); // sends nothing
            return ON_THE_WIRE + socket.getLocalAddress().getHostAddress();
        } catch (IOException e) {
            throw new RunFailedException(
                    "there is no way to " + other.getHostString() + " (" + e.getMessage() + "): give a device with -d");
        }
    }
}
