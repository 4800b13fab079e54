package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.link.roce.PacketCounter.*;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every packet must be like. */
class PacketCheckTest {
    private static final int START = 12;
    private static final int SUM = 4;
    private static final int MOST = 4096;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(START + PacketCheck.MOST_BYTES);

    /** Bytes of headers by operation, from the table of the architecture; negative without a payload. */
    private static final Map<Integer, Integer> HEADERS = headers();

    private static Map<Integer, Integer> headers() {
        Map<Integer, Integer> table = new TreeMap<>();
        for (int service : new int[] {0x00, 0x20}) {
            for (int operation : new int[] {0, 1, 2, 4, 7, 8}) {
                table.put(service + operation, 12);
            }
            for (int operation : new int[] {3, 5, 9}) {
                table.put(service + operation, 16);
            }
            for (int operation : new int[] {6, 0x0A}) {
                table.put(service + operation, 28);
            }
            table.put(service + 0x0B, 32);
        }
        table.put(0x0C, -28);
        for (int operation : new int[] {0x0D, 0x0F, 0x10, 0x16, 0x17}) {
            table.put(operation, 16);
        }
        table.put(0x0E, 12);
        table.put(0x11, -16);
        table.put(0x12, -24);
        table.put(0x13, -40);
        table.put(0x14, -40);
        table.put(0x1C, -32);
        table.put(0x1D, 28);
        table.put(0x64, 20);
        table.put(0x65, 24);
        table.put(0x81, 12);
        return table;
    }

    static Iterable<Integer> operations() {
        return HEADERS.keySet();
    }

    private PacketCounter check(int opcode, int pad, int udpPayloadLength) {
        memory.put(START, (byte) opcode).put(START + 1, (byte) (pad << 4)).putShort(START + 2, (short) 0xFFFF);
        return PacketCheck.check(memory, START, udpPayloadLength);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void headersMustBeWhole(int opcode) {
        int headers = Math.abs(HEADERS.get(opcode));
        assertThat(check(opcode, 0, headers + SUM)).isNull();
        assertThat(check(opcode, 0, headers + SUM - 4)).isEqualTo(DROPPED_TRUNCATED);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aPayloadIsAtMostTheLargestMtuAndOnlyWhereThereMayBeOne(int opcode) {
        int headers = Math.abs(HEADERS.get(opcode));
        boolean mayCarry = HEADERS.get(opcode) > 0;
        assertThat(check(opcode, 0, headers + SUM + 4)).isEqualTo(mayCarry ? null : DROPPED_MALFORMED);
        assertThat(check(opcode, 3, headers + SUM + 4)).isEqualTo(mayCarry ? null : DROPPED_MALFORMED);
        assertThat(check(opcode, 0, headers + SUM + MOST)).isEqualTo(mayCarry ? null : DROPPED_MALFORMED);
        assertThat(check(opcode, 0, headers + SUM + MOST + 4)).isEqualTo(DROPPED_OVERSIZE);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void moreThanTheMemoryHoldsIsNotLookedAt(int opcode) {
        assertThat(check(opcode, 0, PacketCheck.MOST_BYTES + 1)).isEqualTo(DROPPED_OVERSIZE);
        assertThat(check(opcode, 0, 65_507)).isEqualTo(DROPPED_OVERSIZE);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void paddingIsPartOfThePayload(int opcode) {
        assertThat(check(opcode, 1, Math.abs(HEADERS.get(opcode)) + SUM)).isEqualTo(DROPPED_TRUNCATED);
    }

    @Test
    void unknownOperationsAreMalformed() {
        for (int opcode = 0; opcode < 256; opcode++) {
            assertThat(check(opcode, 0, 44 + SUM) == DROPPED_MALFORMED)
                    .as("operation %#x", opcode)
                    .isEqualTo(!HEADERS.containsKey(opcode) || HEADERS.get(opcode) < 0 && HEADERS.get(opcode) > -44);
        }
    }

    @Test
    void anotherVersionIsMalformed() {
        memory.put(START, (byte) 4).put(START + 1, (byte) 1).putShort(START + 2, (short) 0xFFFF);
        assertThat(PacketCheck.check(memory, START, 16)).isEqualTo(DROPPED_MALFORMED);
    }

    @Test
    void lengthsAreMultiplesOfFour() {
        for (int more = 1; more < 4; more++) {
            assertThat(check(4, 0, 16 + more)).isEqualTo(DROPPED_MALFORMED);
        }
    }

    @Test
    void thePartitionIsTheDefaultOneForMembersOfBothKinds() {
        memory.put(START, (byte) 4).put(START + 1, (byte) 0);
        memory.putShort(START + 2, (short) 0x7FFF);
        assertThat(PacketCheck.check(memory, START, 16)).isNull();
        memory.putShort(START + 2, (short) 0xFFFE);
        assertThat(PacketCheck.check(memory, START, 16)).isEqualTo(DROPPED_P_KEY);
        memory.putShort(START + 2, (short) 0);
        assertThat(PacketCheck.check(memory, START, 16)).isEqualTo(DROPPED_P_KEY);
    }

    @Test
    void nothingIsReadOfWhatIsTooShort() {
        for (int bytes = 0; bytes < 16; bytes++) {
            assertThat(PacketCheck.check(ByteBuffer.allocateDirect(bytes), 0, bytes))
                    .isEqualTo(DROPPED_TRUNCATED);
        }
    }

    /** Whatever passes has all its headers, and a payload that can be asked for. */
    @Property(tries = 5000)
    void whatPassesIsWhole(
            @ForAll long seed,
            @ForAll @IntRange(max = 1040) int words,
            @ForAll @IntRange(max = 3) int bytes,
            @ForAll boolean isLikeOne) {
        int length = words * 4 + bytes;
        byte[] content = new byte[length];
        new Random(seed).nextBytes(content);
        ReceivedPacket packet = new ReceivedPacket();
        packet.memory = ByteBuffer.allocateDirect(length).put(0, content);
        if (isLikeOne && length >= 4) {
            packet.memory.put(1, (byte) (content[1] & 0x30)).putShort(2, (short) 0xFFFF);
        }
        if (PacketCheck.check(packet.memory, 0, length) == null) {
            packet.length = length - SUM;
            int headers = Math.abs(HEADERS.get(packet.opcode()));
            assertThat(packet.payload()).isEqualTo(headers);
            assertThat(packet.payloadBytes()).isBetween(0, MOST);
            assertThat(packet.payload() + packet.payloadBytes()).isLessThanOrEqualTo(packet.length);
        }
    }
}
