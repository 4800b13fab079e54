package org.rddma.softdev.link.roce;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The check sum of packets: over the Internet and UDP headers as they are on the wire, with ones for what may change on
 * the way, and over all of the packet. For one thread at a time; allocates nothing.
 *
 * <p>A socket shows the receiver all of this but one thing: the identification in an IPv4 header, which kernels and
 * network cards count up as they like. It can be found. The check sum is a remainder of polynomials over GF(2), so the
 * difference between the sum that came and the sum with identification 0 is the identification times a power of x that
 * only the length decides. Multiplied by the inverse of that power, the difference must fit into 16 bits: these are the
 * identification, and if it does not fit the packet is damaged. Of random damage, one in 2^16 still fits.
 */
final class Icrc {
    /** What {@link #identification} says of a packet whose sum is wrong. */
    static final int WRONG = -1;

    private static final int POLYNOMIAL = 0xEDB88320; // bit 31 is x^0, bit 0 is x^31
    private static final int ONE = 1 << 31;

    private static final int ROUTING_BYTES = 8; // the header that stands in this place on InfiniBand
    private static final int VERSION_4_BYTES = 20;
    private static final int VERSION_6_BYTES = 40;
    private static final int UDP_BYTES = 8;
    private static final int UDP_PROTOCOL = 0x11;

    /** The bytes of an IPv4 header that follow the identification. */
    private static final int BEHIND_IDENTIFICATION = 14;

    private static final int MOST_BYTES = 4096 + 256;

    /** By how many words follow the identification, besides half a word: what undoes them. */
    private static final int[] INVERSES = inverses();

    private final CRC32 sum = new CRC32();
    private final byte[] headers = new byte[ROUTING_BYTES + VERSION_6_BYTES + UDP_BYTES + BTH_BYTES];
    private final ByteBuffer fields = ByteBuffer.wrap(headers);

    /** The memory that was read last, and a view of it whose position may be moved. */
    private ByteBuffer memory;

    private ByteBuffer view;

    Icrc() {
        fields.putLong(0, -1);
    }

    private static int[] inverses() {
        int[] table = new int[(BEHIND_IDENTIFICATION + UDP_BYTES + MOST_BYTES) / Integer.BYTES + 1];
        int inverse = divide(ONE, Integer.SIZE + 2 * Byte.SIZE); // the sum itself is a remainder times x^32
        for (int words = 0; words < table.length; words++) {
            table[words] = inverse;
            inverse = divide(inverse, Integer.SIZE);
        }
        return table;
    }

    private static int divide(int value, int power) {
        int quotient = value;
        for (int i = 0; i < power; i++) {
            quotient = quotient < 0 ? (quotient ^ POLYNOMIAL) << 1 | 1 : quotient << 1;
        }
        return quotient;
    }

    private static int multiply(int left, int right) {
        int product = 0;
        int shifted = left;
        for (int bits = right; bits != 0; bits <<= 1) {
            product ^= shifted & bits >> 31;
            shifted = shifted >>> 1 ^ POLYNOMIAL & -(shifted & 1);
        }
        return product;
    }

    /**
     * The sum of a packet with identification 0.
     *
     * @param packets big-endian memory that it is in
     * @param start of its base transport header
     * @param bytes from there to the end of the padding: a multiple of 4, at least that header, at most 4352
     * @return as it is written behind the packet in big-endian memory
     */
    int of(
            ByteBuffer packets,
            int start,
            int bytes,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            int sourcePort) {
        int udpBytes = UDP_BYTES + bytes + ICRC_BYTES;
        int udp;
        if (isVersion4(destinationHigh, destinationLow)) {
            fields.putInt(ROUTING_BYTES, 0x45FF0000 | VERSION_4_BYTES + udpBytes);
            fields.putInt(ROUTING_BYTES + 4, 0x4000); // identification 0, do not fragment
            fields.putInt(ROUTING_BYTES + 8, 0xFF00FFFF | UDP_PROTOCOL << 16);
            fields.putInt(ROUTING_BYTES + 12, (int) sourceLow);
            fields.putInt(ROUTING_BYTES + 16, (int) destinationLow);
            udp = ROUTING_BYTES + VERSION_4_BYTES;
        } else {
            fields.putInt(ROUTING_BYTES, 0x6FFFFFFF);
            fields.putInt(ROUTING_BYTES + 4, udpBytes << 16 | UDP_PROTOCOL << 8 | 0xFF);
            fields.putLong(ROUTING_BYTES + 8, sourceHigh);
            fields.putLong(ROUTING_BYTES + 16, sourceLow);
            fields.putLong(ROUTING_BYTES + 24, destinationHigh);
            fields.putLong(ROUTING_BYTES + 32, destinationLow);
            udp = ROUTING_BYTES + VERSION_6_BYTES;
        }
        fields.putInt(udp, sourcePort << 16 | UDP_PORT);
        fields.putInt(udp + 4, udpBytes << 16 | 0xFFFF);
        int transport = udp + UDP_BYTES;
        fields.putInt(transport, packets.getInt(start));
        fields.putInt(transport + 4, packets.getInt(start + DESTINATION) | 0xFF000000);
        fields.putInt(transport + 8, packets.getInt(start + PSN));
        sum.reset();
        sum.update(headers, 0, transport + BTH_BYTES);
        if (bytes > BTH_BYTES) {
            sum.update(viewOf(packets, start + BTH_BYTES, start + bytes));
        }
        return Integer.reverseBytes((int) sum.getValue());
    }

    @SuppressWarnings("ReferenceEquality") // buffers are equal when their contents are
    private ByteBuffer viewOf(ByteBuffer packets, int start, int end) {
        if (memory != packets) {
            memory = packets;
            view = packets.duplicate();
        }
        return view.limit(end).position(start);
    }

    /**
     * Checks the sum of a packet that has come, with all its headers, a multiple of 4 bytes.
     *
     * @return the identification that its Internet header had: 0 of IPv6; {@link #WRONG} when the sum fits none
     */
    int identification(ReceivedPacket packet) {
        int expected = of(
                packet.memory,
                packet.start,
                packet.length,
                packet.sourceGidHigh,
                packet.sourceGidLow,
                packet.destinationGidHigh,
                packet.destinationGidLow,
                packet.sourcePort);
        int difference = expected ^ packet.memory.getInt(packet.start + packet.length);
        if (difference == 0) {
            return 0;
        }
        if (!isVersion4(packet.destinationGidHigh, packet.destinationGidLow)) {
            return WRONG;
        }
        int behind = BEHIND_IDENTIFICATION + UDP_BYTES + packet.length;
        int quotient = multiply(Integer.reverseBytes(difference), INVERSES[behind / Integer.BYTES]);
        return (quotient & 0xFFFF) == 0 ? Short.toUnsignedInt(Short.reverseBytes((short) (quotient >>> 16))) : WRONG;
    }

    static boolean isVersion4(long gidHigh, long gidLow) {
        return gidHigh == 0 && gidLow >>> 32 == 0xFFFF;
    }
}
