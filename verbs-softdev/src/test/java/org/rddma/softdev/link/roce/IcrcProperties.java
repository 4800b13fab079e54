package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Damage is found, and an unknown identification is. */
class IcrcProperties {
    private static final long VERSION_4 = 0xFFFF_0000_0000L;
    private static final int SUM_BITS = 32;

    private final Icrc icrc = new Icrc();

    /** A packet of random content with a right sum, as it is with an identification. */
    private ReceivedPacket packet(boolean version6, int words, int identification, long seed) {
        Random random = new Random(seed);
        ReceivedPacket packet = new ReceivedPacket();
        packet.start = random.nextInt(4) * 4;
        packet.length = PacketFormat.BTH_BYTES + words * Integer.BYTES;
        byte[] content = new byte[packet.length];
        random.nextBytes(content);
        packet.memory = ByteBuffer.allocateDirect(packet.start + packet.length + PacketFormat.ICRC_BYTES);
        packet.memory.put(packet.start, content);
        packet.sourceGidHigh = version6 ? random.nextLong() : 0;
        packet.sourceGidLow = version6 ? random.nextLong() : VERSION_4 | random.nextInt(Integer.MAX_VALUE);
        packet.destinationGidHigh = version6 ? random.nextLong() | 1 : 0;
        packet.destinationGidLow = version6 ? random.nextLong() : VERSION_4 | random.nextInt(Integer.MAX_VALUE);
        packet.sourcePort = 0xC000 | random.nextInt(1 << 14);
        packet.memory.putInt(packet.start + packet.length, ReferenceIcrc.sum(packet, identification));
        return packet;
    }

    private static void flip(ReceivedPacket packet, int bit) {
        int at = packet.start + bit / Byte.SIZE;
        packet.memory.put(at, (byte) (packet.memory.get(at) ^ 1 << bit % Byte.SIZE));
    }

    /** Bits of congestion marks, which may change. */
    private static boolean isCovered(int bit) {
        return bit / Byte.SIZE != PacketFormat.DESTINATION;
    }

    @Property(tries = 500)
    void theIdentificationIsFound(
            @ForAll @IntRange(max = 1030) int words, @ForAll @IntRange(max = 0xFFFF) int id, @ForAll long seed) {
        assertThat(icrc.identification(packet(false, words, id, seed))).isEqualTo(id);
    }

    @Property(tries = 200)
    void aPacketOverVersion6IsRightAsItIs(@ForAll @IntRange(max = 1030) int words, @ForAll long seed) {
        assertThat(icrc.identification(packet(true, words, 0, seed))).isZero();
    }

    @Property(tries = 500)
    void oneBurstOfDamageIsFoundOverVersion6(
            @ForAll @IntRange(max = 1030) int words,
            @ForAll long seed,
            @ForAll @IntRange(max = Integer.MAX_VALUE) int where,
            @ForAll @LongRange(min = 1, max = 0xFFFFFFFFL) long burst) {
        ReceivedPacket packet = packet(true, words, 0, seed);
        assertThat(damage(packet, where, burst)).isEqualTo(icrc.identification(packet) == Icrc.WRONG);
    }

    /** Where the identification is not known, the sum is as good as one of 16 bits: it finds bursts of 16 bits. */
    @Property(tries = 500)
    void oneBurstOfDamageIsNeverTakenForTheSameIdentification(
            @ForAll @IntRange(max = 1030) int words,
            @ForAll @IntRange(max = 0xFFFF) int id,
            @ForAll long seed,
            @ForAll @IntRange(max = Integer.MAX_VALUE) int where,
            @ForAll @LongRange(min = 1, max = 0xFFFFFFFFL) long burst) {
        ReceivedPacket packet = packet(false, words, id, seed);
        assertThat(damage(packet, where, burst)).isEqualTo(icrc.identification(packet) != id);
    }

    /** Flips bits that are less than 32 apart; whether one of them is covered. */
    private static boolean damage(ReceivedPacket packet, int where, long burst) {
        int bits = packet.length * Byte.SIZE + SUM_BITS;
        int first = where % (bits - SUM_BITS + 1);
        boolean isCovered = false;
        for (int i = 0; i < SUM_BITS; i++) {
            if ((burst >>> i & 1) != 0) {
                flip(packet, first + i);
                isCovered |= isCovered(first + i);
            }
        }
        return isCovered;
    }

    @Property(tries = 300)
    void anotherAddressOrPortIsFound(
            @ForAll @IntRange(max = 300) int words, @ForAll boolean version6, @ForAll long seed, @ForAll byte other) {
        ReceivedPacket packet = packet(version6, words, 0, seed);
        int change = other == 0 ? 1 : other & 0xFF;
        packet.sourceGidLow ^= change;
        assertThat(icrc.identification(packet)).isNotZero();
        packet.sourceGidLow ^= change;
        packet.destinationGidLow ^= change;
        assertThat(icrc.identification(packet)).isNotZero();
        packet.destinationGidLow ^= change;
        packet.sourcePort ^= change;
        assertThat(icrc.identification(packet)).isNotZero();
    }

    /** Random damage fits an identification by chance only. */
    @Property(tries = 3)
    void fewOfManyRandomSumsFitSomeIdentification(@ForAll @IntRange(max = 1000) int words, @ForAll long seed) {
        ReceivedPacket packet = packet(false, words, 0, seed);
        Random random = new Random(~seed);
        int fitting = 0;
        for (int i = 0; i < 200_000; i++) {
            packet.memory.putInt(packet.start + packet.length, random.nextInt());
            fitting += icrc.identification(packet) == Icrc.WRONG ? 0 : 1;
        }
        assertThat(fitting).isLessThan(20); // 3 are to be expected
    }
}
