package org.rddma.softdev.link.roce;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** Packets whose check sums are published, or were made by others. */
final class PublishedPackets {
    private static final int VERSION_6 = 6;

    private PublishedPackets() {}

    /**
     * A packet.
     *
     * @param name what it is
     * @param internet headers of IP and UDP
     * @param transport from the base transport header to the end of the padding
     * @param sum the check sum
     */
    record Published(String name, String internet, String transport, String sum) {
        int identification() {
            byte[] header = HexFormat.of().parseHex(internet);
            return header[0] >> 4 == VERSION_6 ? 0 : ByteBuffer.wrap(header).getShort(4) & 0xFFFF;
        }

        /** As a port hands it out: not at the beginning of its memory. */
        ReceivedPacket received() {
            byte[] bytes = HexFormat.of().parseHex(transport + sum);
            ReceivedPacket packet = new ReceivedPacket();
            packet.start = 24;
            packet.memory = ByteBuffer.allocateDirect(packet.start + bytes.length + 8);
            packet.memory.put(packet.start, bytes);
            packet.length = bytes.length - PacketFormat.ICRC_BYTES;
            ByteBuffer header = ByteBuffer.wrap(HexFormat.of().parseHex(internet));
            if (header.get(0) >> 4 == VERSION_6) {
                packet.sourceGidHigh = header.getLong(8);
                packet.sourceGidLow = header.getLong(16);
                packet.destinationGidHigh = header.getLong(24);
                packet.destinationGidLow = header.getLong(32);
                packet.hopLimit = header.get(7) & 0xFF;
                packet.trafficClass = header.getInt(0) >>> 20 & 0xFF;
                packet.sourcePort = header.getShort(40) & 0xFFFF;
            } else {
                packet.sourceGidLow = 0xFFFF_0000_0000L | header.getInt(12) & 0xFFFFFFFFL;
                packet.destinationGidLow = 0xFFFF_0000_0000L | header.getInt(16) & 0xFFFFFFFFL;
                packet.hopLimit = header.get(8) & 0xFF;
                packet.trafficClass = header.get(1) & 0xFF;
                packet.sourcePort = header.getShort(20) & 0xFFFF;
            }
            return packet;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Published> all() {
        return List.of(
                new Published(
                        "UC send of 18 bytes, by scapy",
                        "45010040047840004011b4d5c0a80007c0a80007" + "c00012b7002c0000",
                        "2460ffff000000d300cf1710" + "4630818be28935d90e9a95505401be885e500000",
                        "78f353f3"),
                new Published(
                        "congestion notification, by a ConnectX-4",
                        "45c2003c718c4000401191610a0011010a001201" + "000012b700280000",
                        "8100ffff4000011800000000" + "00000000000000000000000000000000",
                        "82fd002a"),
                new Published(
                        "RC send of 5 bytes",
                        "4500003400004000401126b70a0000010a000002" + "c01112b700200000",
                        "0430ffff0000001180000123" + "68656c6c6f000000",
                        "4a205012"),
                new Published(
                        "RC acknowledgement",
                        "4500003000004000401126bb0a0000020a000001" + "c01212b7001c0000",
                        "1100ffff0000001200000123" + "1f000001",
                        "b93eef38"),
                new Published(
                        "RC write of 4 bytes over IPv6",
                        "60000000002c1140" + "fd000000000000000000000000000001" + "fd000000000000000000000000000002"
                                + "d23412b7002c0000",
                        "0a00ffff0000001580fffffe" + "00007f001234500000010203" + "00000004" + "61626364",
                        "2367bd39"),
                new Published(
                        "UD send of 3 bytes with immediate",
                        "4508003c000040004011b73ac0a8010ac0a80114" + "c12312b700280000",
                        "6580ffff0000002200000000" + "1111111100000021" + "000004d2" + "78797a21",
                        "37c19ce3"));
    }
}
