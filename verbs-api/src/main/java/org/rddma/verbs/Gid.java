package org.rddma.verbs;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * A global identifier ({@code union ibv_gid}): 16 bytes, written as an IPv6 address.
 *
 * @param high the first 8 bytes, big-endian: the subnet prefix
 * @param low the last 8 bytes, big-endian: the interface id
 */
public record Gid(long high, long low) {
    /** All zero: an empty slot of a table. */
    public static final Gid ZERO = new Gid(0, 0);

    /**
     * From its 16 bytes.
     *
     * @param bytes in network order
     * @return the identifier
     * @throws IllegalArgumentException when there are not 16 bytes
     */
    public static Gid of(byte[] bytes) {
        if (bytes.length != 16) {
            throw new IllegalArgumentException("a GID has 16 bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Gid(buffer.getLong(0), buffer.getLong(8));
    }

    /**
     * Its 16 bytes.
     *
     * @return in network order
     */
    public byte[] toBytes() {
        return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    /**
     * Whether this is an empty slot.
     *
     * @return true for all zero
     */
    public boolean isZero() {
        return high == 0 && low == 0;
    }

    @Override
    public String toString() {
        if (high == 0 && low >>> 32 == 0xFFFFL) { // an IPv4 address, which InetAddress would print without its prefix
            return "::ffff:" + (low >>> 24 & 255) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "."
                    + (low & 255);
        }
        try {
            return InetAddress.getByAddress(toBytes()).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // 16 bytes are always an address
        }
    }
}
