package org.rddma.verbs.spi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;

/**
 * The 40 bytes that a datagram's receive begins with: an IPv6 header, or 20 bytes that mean nothing and an IPv4 header
 * (man ibv_create_ah_from_wc; which of the two it is, is found out as libibverbs does).
 *
 * @param source where the datagram comes from
 * @param destination where it went
 * @param trafficClass 8 bits
 * @param flowLabel 20 bits
 * @param hopLimit 8 bits
 */
public record RoutingHeader(Gid source, Gid destination, int trafficClass, int flowLabel, int hopLimit) {
    /** Its length. */
    public static final int BYTES = 40;

    private static final int IPV4_OFFSET = 20;
    private static final int IPV4_WORDS = 10;
    private static final long IPV4_MAPPED = 0xFFFF_0000_0000L;

    /**
     * Reads a header.
     *
     * @param verb on whose behalf
     * @param completion of the receive
     * @param memory the header, from the buffer's position on
     * @return what it says
     * @throws VerbsException EINVAL when an argument is null, the completion has no header or too few bytes are given
     */
    public static RoutingHeader parse(String verb, WorkCompletion completion, ByteBuffer memory) {
        if (completion == null || memory == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the completion or the header is null");
        }
        if (!completion.isSuccess() || (completion.flags() & WorkCompletionFlags.GRH) == 0) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the completion is not that of a datagram with a routing header: " + completion);
        }
        if (memory.remaining() < BYTES) {
            throw new VerbsException(
                    verb, Errno.EINVAL, "the header has " + BYTES + " bytes, not " + memory.remaining());
        }
        ByteBuffer header = memory.slice().order(ByteOrder.BIG_ENDIAN);
        return header.get(0) >>> 4 != 6 && isIpv4(header) ? ipv4(header) : ipv6(header);
    }

    private static boolean isIpv4(ByteBuffer header) {
        if (header.get(IPV4_OFFSET) != 0x45) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < IPV4_WORDS; i++) {
            sum += header.getShort(IPV4_OFFSET + 2 * i) & 0xFFFF;
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        return (sum & 0xFFFF) + (sum >>> 16) == 0xFFFF;
    }

    private static RoutingHeader ipv4(ByteBuffer header) {
        return new RoutingHeader(
                new Gid(0, IPV4_MAPPED | header.getInt(IPV4_OFFSET + 12) & 0xFFFF_FFFFL),
                new Gid(0, IPV4_MAPPED | header.getInt(IPV4_OFFSET + 16) & 0xFFFF_FFFFL),
                header.get(IPV4_OFFSET + 1) & 0xFF,
                0,
                header.get(IPV4_OFFSET + 8) & 0xFF);
    }

    private static RoutingHeader ipv6(ByteBuffer header) {
        int first = header.getInt(0);
        return new RoutingHeader(
                new Gid(header.getLong(8), header.getLong(16)),
                new Gid(header.getLong(24), header.getLong(32)),
                first >>> 20 & 0xFF,
                first & 0xF_FFFF,
                header.get(7) & 0xFF);
    }
}
