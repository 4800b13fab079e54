package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.ReceivedPacket;

/**
 * The 40 bytes that a datagram's receive begins with: the Internet header with which the packet came, as far as the
 * system lets it be known. An IPv4 header fills the second half; the first is zero.
 *
 * <pre>
 *    IPv6   0 version 6 (4) traffic class (8) flow label 0 (20) | 4 payload length | 6 17 for UDP | 7 hop limit
 *           8 source | 24 destination
 *    IPv4  20 version 4, 5 words | 21 type of service | 22 total length | 24 identification | 26 do not fragment
 *          28 time to live | 29 17 for UDP | 30 check sum | 32 source | 36 destination
 * </pre>
 */
final class RoceRoutingHeader {
    static final int BYTES = 40;

    private static final int IPV4 = 20;
    private static final int IPV4_BYTES = 20;
    private static final int IPV4_FIRST_BYTE = 0x45;
    private static final int DO_NOT_FRAGMENT = 0x4000;
    private static final int UDP = 17;
    private static final int UDP_BYTES = 8;
    private static final long MAPPED_PREFIX = 0xFFFFL;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.BIG_ENDIAN);

    ByteBuffer memory() {
        return memory;
    }

    void set(ReceivedPacket packet) {
        int padded = packet.payloadBytes() + 3 & -4;
        int bytes = UDP_BYTES + Opcodes.headerBytes(packet.opcode()) + padded + ICRC_BYTES;
        // of a datagram to an IPv4 group, too, the sender's address is an IPv4 address
        if (packet.sourceGidHigh() == 0 && packet.sourceGidLow() >>> 32 == MAPPED_PREFIX) {
            setIpv4(packet, IPV4_BYTES + bytes);
        } else {
            setIpv6(packet, bytes);
        }
    }

    private void setIpv6(ReceivedPacket packet, int bytes) {
        memory.putInt(0, 6 << 28 | packet.trafficClass() << 20);
        memory.putShort(4, (short) bytes);
        memory.put(6, (byte) UDP);
        memory.put(7, (byte) packet.hopLimit());
        memory.putLong(8, packet.sourceGidHigh());
        memory.putLong(16, packet.sourceGidLow());
        memory.putLong(24, packet.destinationGidHigh());
        memory.putLong(32, packet.destinationGidLow());
    }

    private void setIpv4(ReceivedPacket packet, int bytes) {
        memory.putLong(0, 0).putLong(8, 0).putInt(16, 0);
        memory.put(IPV4, (byte) IPV4_FIRST_BYTE);
        memory.put(IPV4 + 1, (byte) packet.trafficClass());
        memory.putShort(IPV4 + 2, (short) bytes);
        memory.putInt(IPV4 + 4, packet.identification() << 16 | DO_NOT_FRAGMENT);
        memory.put(IPV4 + 8, (byte) packet.hopLimit());
        memory.put(IPV4 + 9, (byte) UDP);
        memory.putShort(IPV4 + 10, (short) 0);
        memory.putInt(IPV4 + 12, (int) packet.sourceGidLow());
        memory.putInt(IPV4 + 16, (int) packet.destinationGidLow());
        memory.putShort(IPV4 + 10, (short) checkSum());
    }

    /** The complement of the sum of all 16-bit words, carries added in again. */
    private int checkSum() {
        int sum = 0;
        for (int at = IPV4; at < BYTES; at += Short.BYTES) {
            sum += memory.getShort(at) & 0xFFFF;
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        return ~(sum + (sum >>> 16)) & 0xFFFF;
    }
}
