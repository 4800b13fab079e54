package org.rddma.verbs.app;

import java.time.Duration;

/**
 * How {@link PeerExchange} waits, and which port of the device it connects. Immutable, and safe for use by several
 * threads.
 *
 * @param timeout of each step: of connecting, of an exchange, of a barrier; 1 millisecond to 1 day. A step includes
 *     waiting until the peer's program comes to it
 * @param devicePort the device's port whose queue pairs are connected, from 1
 * @param gidIndex the entry of that port's GID table to send from
 */
public record PeerExchangeOptions(Duration timeout, int devicePort, int gidIndex) {
    /** 30 seconds for each step, port 1, GID 0. */
    public static final PeerExchangeOptions DEFAULT = new PeerExchangeOptions(Duration.ofSeconds(30), 1, 0);

    public PeerExchangeOptions {
        if (timeout == null
                || timeout.compareTo(Duration.ofMillis(1)) < 0
                || timeout.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("the timeout may be 1 ms to 1 day, not " + timeout);
        }
        if (devicePort < 1 || devicePort > 255 || gidIndex < 0 || gidIndex > 255) {
            throw new IllegalArgumentException(
                    "the port may be 1 to 255 and the GID index 0 to 255, not " + devicePort + " and " + gidIndex);
        }
    }

    /**
     * The same with another timeout.
     *
     * @param limit of each step
     * @return new options
     */
    public PeerExchangeOptions withTimeout(Duration limit) {
        return new PeerExchangeOptions(limit, devicePort, gidIndex);
    }

    /**
     * The same with another port of the device.
     *
     * @param port from 1
     * @return new options
     */
    public PeerExchangeOptions withDevicePort(int port) {
        return new PeerExchangeOptions(timeout, port, gidIndex);
    }

    /**
     * The same with another entry of the port's GID table.
     *
     * @param index from 0
     * @return new options
     */
    public PeerExchangeOptions withGidIndex(int index) {
        return new PeerExchangeOptions(timeout, devicePort, index);
    }
}
