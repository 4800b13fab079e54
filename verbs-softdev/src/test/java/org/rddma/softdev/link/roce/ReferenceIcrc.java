package org.rddma.softdev.link.roce;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** The check sum, the long way: of a whole header with everything in it, masked afterwards. */
final class ReferenceIcrc {
    private ReferenceIcrc() {}

    static int sum(ReceivedPacket packet, int identification) {
        boolean version4 = packet.destinationGidHigh == 0 && packet.destinationGidLow >>> 32 == 0xFFFF;
        int udpBytes = 8 + packet.length + 4;
        ByteBuffer all = ByteBuffer.allocate(8 + 40 + udpBytes);
        all.putLong(-1);
        if (version4) {
            all.put((byte) 0x45).put((byte) 0xFF).putShort((short) (20 + udpBytes));
            all.putShort((short) identification).putShort((short) 0x4000);
            all.put((byte) 0xFF).put((byte) 17).putShort((short) 0xFFFF);
            all.putInt((int) packet.sourceGidLow).putInt((int) packet.destinationGidLow);
        } else {
            all.putInt(0x6FFFFFFF).putShort((short) udpBytes).put((byte) 17).put((byte) 0xFF);
            all.putLong(packet.sourceGidHigh).putLong(packet.sourceGidLow);
            all.putLong(packet.destinationGidHigh).putLong(packet.destinationGidLow);
        }
        all.putShort((short) packet.sourcePort).putShort((short) 4791);
        all.putShort((short) udpBytes).putShort((short) 0xFFFF);
        int transport = all.position();
        byte[] rest = new byte[packet.length];
        packet.memory.get(packet.start, rest);
        all.put(rest);
        all.put(transport + 4, (byte) 0xFF);
        CRC32 sum = new CRC32();
        sum.update(all.array(), 0, all.position());
        return Integer.reverseBytes((int) sum.getValue());
    }
}
