package org.rddma.softdev.link.roce;

import java.nio.ByteBuffer;

/** Writes the Internet and UDP headers of a packet, as they were on the wire as far as this can be known. */
final class InternetHeader {
    private static final int VERSION_4_BYTES = 20;
    private static final int VERSION_6_BYTES = 40;
    private static final int UDP_BYTES = 8;

    /** What both headers have at most. */
    static final int MOST_BYTES = VERSION_6_BYTES + UDP_BYTES;

    private static final int UDP_PROTOCOL = 17;
    private static final int DO_NOT_FRAGMENT = 0x4000;
    private static final int TRAFFIC_CLASS_SHIFT = 20;

    private InternetHeader() {}

    /** How long both headers are. */
    static int bytes(ReceivedPacket packet) {
        return UDP_BYTES + (isVersion4(packet) ? VERSION_4_BYTES : VERSION_6_BYTES);
    }

    private static boolean isVersion4(ReceivedPacket packet) {
        return Icrc.isVersion4(packet.destinationGidHigh, packet.destinationGidLow);
    }

    /**
     * Writes both headers and the datagram behind them.
     *
     * @param packet whose addresses are known
     * @param bytes of the datagram
     * @param to big-endian; its position moves behind what is written
     */
    static void write(ReceivedPacket packet, int bytes, ByteBuffer to) {
        int first = to.position();
        int udpBytes = UDP_BYTES + bytes;
        if (isVersion4(packet)) {
            to.putInt(0x45 << 24 | packet.trafficClass << 16 | VERSION_4_BYTES + udpBytes);
            to.putInt(packet.identification << 16 | DO_NOT_FRAGMENT);
            to.putInt(packet.hopLimit << 24 | UDP_PROTOCOL << 16);
            to.putInt((int) packet.sourceGidLow).putInt((int) packet.destinationGidLow);
            to.putShort(first + 10, checkSum(sum(to, first, VERSION_4_BYTES)));
        } else {
            to.putInt(6 << 28 | packet.trafficClass << TRAFFIC_CLASS_SHIFT);
            to.putInt(udpBytes << 16 | UDP_PROTOCOL << 8 | packet.hopLimit);
            to.putLong(packet.sourceGidHigh).putLong(packet.sourceGidLow);
            to.putLong(packet.destinationGidHigh).putLong(packet.destinationGidLow);
        }
        int udp = to.position();
        to.putShort((short) packet.sourcePort)
                .putShort((short) PacketFormat.UDP_PORT)
                .putInt(udpBytes << 16);
        to.put(to.position(), packet.memory, packet.start, bytes).position(to.position() + bytes);
        int addresses = isVersion4(packet) ? 2 * Integer.BYTES : 4 * Long.BYTES;
        long sum = sum(to, udp - addresses, addresses) + UDP_PROTOCOL + udpBytes + sum(to, udp, udpBytes);
        short checkSum = checkSum(sum);
        to.putShort(udp + 6, checkSum == 0 ? -1 : checkSum); // 0 means that there is none
    }

    /** The sum of 16-bit words, not folded yet. */
    private static long sum(ByteBuffer memory, int start, int bytes) {
        long sum = 0;
        int whole = bytes & -Integer.BYTES;
        for (int i = 0; i < whole; i += Integer.BYTES) {
            sum += Integer.toUnsignedLong(memory.getInt(start + i));
        }
        for (int i = whole; i < bytes; i++) {
            sum += (long) (memory.get(start + i) & 0xFF) << ((i & 1) == 0 ? Byte.SIZE : 0);
        }
        return sum;
    }

    private static short checkSum(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xFFFF) + (folded >>> 16);
        }
        return (short) ~folded;
    }
}
