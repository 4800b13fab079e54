package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Reads a capture by the format alone, and checks everything that can be checked without knowing what it should be. */
public final class CaptureReader {
    private static final int SECTION = 0x0A0D0D0A;
    private static final int UDP = 17;

    /** Extended reliable connections: nobody takes their packets here, they are only written down. */
    private static final int EXTENDED = 0xA0;

    private final List<Frame> frames = new ArrayList<>();
    private final List<String> interfaces = new ArrayList<>();
    private final List<long[]> statistics = new ArrayList<>();
    private int sections;
    private int firstOfSection;

    private CaptureReader() {}

    /**
     * A packet.
     *
     * @param device name of the interface
     * @param outbound its direction
     * @param nanos since 1970
     * @param internet its Internet and UDP headers
     * @param packet without check sum
     */
    public record Frame(String device, boolean outbound, long nanos, ByteBuffer internet, ReceivedPacket packet) {
        /** Its payload. */
        public byte[] payload() {
            byte[] bytes = new byte[packet.payloadBytes()];
            packet.memory.get(packet.payload(), bytes);
            return bytes;
        }
    }

    /** Reads all of a file. */
    public static CaptureReader read(java.nio.file.Path file) throws IOException {
        CaptureReader reader = new CaptureReader();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        while (bytes.hasRemaining()) {
            assertThat(bytes.remaining()).as("a whole block").isGreaterThanOrEqualTo(12);
            int type = bytes.getInt();
            int length = bytes.getInt();
            assertThat(length).isBetween(12, bytes.remaining() + 8);
            assertThat(length % 4).isZero();
            ByteBuffer body = bytes.slice(bytes.position(), length - 12);
            bytes.position(bytes.position() + length - 12);
            assertThat(bytes.getInt()).as("the length again").isEqualTo(length);
            reader.take(type, body);
        }
        return reader;
    }

    private void take(int type, ByteBuffer body) {
        switch (type) {
            case SECTION -> {
                sections++;
                firstOfSection = interfaces.size();
                assertThat(body.getInt()).isEqualTo(0x1A2B3C4D);
                assertThat(body.getShort()).isEqualTo((short) 1);
                assertThat(body.getShort()).isZero();
                assertThat(body.getLong()).isEqualTo(-1);
                assertThat(body.hasRemaining()).isFalse();
            }
            case 1 -> takeInterface(body);
            case 5 -> takeStatistics(body);
            case 6 -> takePacket(body);
            default -> throw new AssertionError("block of type " + type);
        }
    }

    private void takeInterface(ByteBuffer body) {
        assertThat(body.getShort()).as("raw Internet packets").isEqualTo((short) 101);
        assertThat(body.getShort()).isZero();
        assertThat(body.getInt()).isZero();
        interfaces.add(new String(option(body, 2), StandardCharsets.UTF_8));
        assertThat(option(body, 9)).containsExactly(9);
        assertEndOfOptions(body);
    }

    private void takeStatistics(ByteBuffer body) {
        assertThat(body.getInt()).isLessThan(interfaces.size() - firstOfSection);
        assertThat(body.getLong()).isPositive();
        long received = ByteBuffer.wrap(option(body, 4)).getLong();
        long lost = ByteBuffer.wrap(option(body, 5)).getLong();
        statistics.add(new long[] {received, lost});
        assertEndOfOptions(body);
    }

    private void takePacket(ByteBuffer body) {
        int number = body.getInt();
        assertThat(number).isLessThan(interfaces.size() - firstOfSection);
        long nanos = body.getLong();
        int captured = body.getInt();
        assertThat(body.getInt()).isEqualTo(captured);
        ByteBuffer frame = body.slice(body.position(), captured);
        body.position(body.position() + (captured + 3 & -4));
        int direction = ByteBuffer.wrap(option(body, 2)).getInt();
        assertThat(direction).isIn(1, 2);
        assertEndOfOptions(body);
        frames.add(parse(interfaces.get(firstOfSection + number), direction == 2, nanos, frame));
    }

    private static byte[] option(ByteBuffer body, int code) {
        assertThat(body.getShort()).isEqualTo((short) code);
        byte[] value = new byte[body.getShort()];
        body.get(value);
        body.position(body.position() + (-value.length & 3));
        return value;
    }

    private static void assertEndOfOptions(ByteBuffer body) {
        assertThat(body.getInt()).isZero();
        assertThat(body.hasRemaining()).isFalse();
    }

    private static Frame parse(String device, boolean outbound, long nanos, ByteBuffer frame) {
        ReceivedPacket packet = new ReceivedPacket();
        int udp;
        long pseudo;
        if (frame.get(0) == 0x45) {
            udp = 20;
            assertThat(frame.getShort(2)).isEqualTo((short) frame.limit());
            assertThat(frame.get(9)).isEqualTo((byte) UDP);
            assertThat(fold(sum(frame, 0, 20)))
                    .as("check sum of the Internet header")
                    .isEqualTo(0xFFFF);
            packet.identification = frame.getShort(4) & 0xFFFF;
            packet.sourceGidLow = 0xFFFF_0000_0000L | frame.getInt(12) & 0xFFFFFFFFL;
            packet.destinationGidLow = 0xFFFF_0000_0000L | frame.getInt(16) & 0xFFFFFFFFL;
            packet.trafficClass = frame.get(1) & 0xFF;
            packet.hopLimit = frame.get(8) & 0xFF;
            pseudo = sum(frame, 12, 8);
        } else {
            udp = 40;
            assertThat(frame.get(0) >>> 4).isEqualTo(6);
            assertThat(frame.getShort(4)).isEqualTo((short) (frame.limit() - udp));
            assertThat(frame.get(6)).isEqualTo((byte) UDP);
            packet.sourceGidHigh = frame.getLong(8);
            packet.sourceGidLow = frame.getLong(16);
            packet.destinationGidHigh = frame.getLong(24);
            packet.destinationGidLow = frame.getLong(32);
            packet.trafficClass = frame.getInt(0) >>> 20 & 0xFF;
            packet.hopLimit = frame.get(7) & 0xFF;
            pseudo = sum(frame, 8, 32);
        }
        int udpBytes = frame.limit() - udp;
        assertThat(frame.getShort(udp + 2)).isEqualTo((short) 4791);
        assertThat(frame.getShort(udp + 4)).isEqualTo((short) udpBytes);
        assertThat(frame.getShort(udp + 6)).as("a check sum of UDP").isNotZero();
        assertThat(fold(pseudo + UDP + udpBytes + sum(frame, udp, udpBytes)))
                .as("check sum of UDP")
                .isEqualTo(0xFFFF);
        packet.sourcePort = frame.getShort(udp) & 0xFFFF;
        packet.memory = frame;
        packet.start = udp + 8;
        packet.length = udpBytes - 8 - 4;
        return new Frame(device, outbound, nanos, frame.slice(0, udp + 8), packet);
    }

    private static long sum(ByteBuffer bytes, int start, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (long) (bytes.get(start + i) & 0xFF) << (i % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > 0xFFFF) {
            folded = (folded & 0xFFFF) + (folded >> 16);
        }
        return (int) folded;
    }

    /** All packets, in the order of the file; each is well formed, and its check sum right. */
    public List<Frame> packets() {
        for (Frame frame : frames) {
            ReceivedPacket packet = frame.packet;
            if (packet.opcode() < EXTENDED) {
                assertThat(PacketCheck.check(packet.memory, packet.start, packet.length + 4))
                        .as("operation %#x of %d bytes", packet.opcode(), packet.length)
                        .isNull();
            }
            assertThat(packet.memory.getInt(packet.start + packet.length))
                    .as("check sum")
                    .isEqualTo(ReferenceIcrc.sum(packet, packet.identification));
        }
        return frames;
    }

    /** All packets, right or wrong. */
    public List<Frame> frames() {
        return frames;
    }

    /** Names, in the order of the file. */
    public List<String> interfaces() {
        return interfaces;
    }

    /** How many packets each interface wrote and lost, in the order in which they ended. */
    public List<long[]> statistics() {
        return statistics;
    }

    /** How often the file was opened. */
    public int sections() {
        return sections;
    }
}
