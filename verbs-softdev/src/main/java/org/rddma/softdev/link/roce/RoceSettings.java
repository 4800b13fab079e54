package org.rddma.softdev.link.roce;

import java.net.InetAddress;
import java.util.Objects;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * How a port is set up. Immutable.
 *
 * @param address of this host, IPv4 or IPv6, that the port is bound to
 * @param receiveCpu processor that the receive thread is pinned to; -1 for any
 * @param spinMicros how long the receive thread looks again for packets before it sleeps, in microseconds: 0 to
 *     sleep at once, {@link #ALWAYS} never to sleep
 * @param receiveBufferBytes what the system may keep of packets that were not taken yet, 64 KiB at least; 0 for as
 *     much as it gives
 * @param faults what it does wrong on purpose; null for nothing
 * @param capture where all packets are written down; null for nowhere
 */
public record RoceSettings(
        InetAddress address,
        int receiveCpu,
        int spinMicros,
        int receiveBufferBytes,
        PacketFaults faults,
        PacketCapture capture) {
    /** In place of a time: never sleep. */
    public static final int ALWAYS = -1;

    /** In place of a processor: any. */
    public static final int ANY_CPU = -1;

    private static final int DEFAULT_SPIN_MICROS = 0;
    private static final int LEAST_BUFFER_BYTES = 1 << 16;
    private static final int MOST_CPU = 1023;

    /**
     * Checks the values.
     *
     * @throws VerbsException EINVAL when a number is out of its range
     */
    public RoceSettings {
        Objects.requireNonNull(address, "address");
        require(receiveCpu >= ANY_CPU && receiveCpu <= MOST_CPU, "receiveCpu", "-1 to 1023", receiveCpu);
        require(spinMicros >= ALWAYS, "spinMicros", "-1 or more", spinMicros);
        require(
                receiveBufferBytes == 0 || receiveBufferBytes >= LEAST_BUFFER_BYTES,
                "receiveBufferBytes",
                "0, or 65536 or more",
                receiveBufferBytes);
    }

    private static void require(boolean good, String name, String range, int value) {
        if (!good) {
            throw new VerbsException("RoceSettings", Errno.EINVAL, name + " must be " + range + ", not " + value);
        }
    }

    /**
     * The usual settings.
     *
     * @param address of this host
     * @return no pinning, no faults, no capture, the largest buffer
     */
    public static RoceSettings of(InetAddress address) {
        return new RoceSettings(address, ANY_CPU, DEFAULT_SPIN_MICROS, 0, null, null);
    }

    /**
     * With another processor for the receive thread.
     *
     * @param cpu its number; -1 for any
     * @return a copy
     */
    public RoceSettings withReceiveCpu(int cpu) {
        return new RoceSettings(address, cpu, spinMicros, receiveBufferBytes, faults, capture);
    }

    /**
     * With another time before the receive thread sleeps.
     *
     * @param micros 0 to sleep at once, {@link #ALWAYS} never to sleep
     * @return a copy
     */
    public RoceSettings withSpinMicros(int micros) {
        return new RoceSettings(address, receiveCpu, micros, receiveBufferBytes, faults, capture);
    }

    /**
     * With another receive buffer.
     *
     * @param bytes 0 for as much as the system gives
     * @return a copy
     */
    public RoceSettings withReceiveBufferBytes(int bytes) {
        return new RoceSettings(address, receiveCpu, spinMicros, bytes, faults, capture);
    }

    /**
     * With faults.
     *
     * @param wrong what it does wrong on purpose; null for nothing
     * @return a copy
     */
    public RoceSettings withFaults(PacketFaults wrong) {
        return new RoceSettings(address, receiveCpu, spinMicros, receiveBufferBytes, wrong, capture);
    }

    /**
     * With a capture.
     *
     * @param to where all packets are written down; null for nowhere
     * @return a copy
     */
    public RoceSettings withCapture(PacketCapture to) {
        return new RoceSettings(address, receiveCpu, spinMicros, receiveBufferBytes, faults, to);
    }
}
