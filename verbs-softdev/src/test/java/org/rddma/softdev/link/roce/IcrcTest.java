package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rddma.softdev.link.roce.PublishedPackets.Published;

/** The published check sums. */
class IcrcTest {
    static Iterable<Published> published() {
        return PublishedPackets.all();
    }

    @ParameterizedTest
    @MethodSource("published")
    void aPublishedPacketIsRightWithTheIdentificationThatItWasSentWith(Published published) {
        ReceivedPacket packet = published.received();
        assertThat(new Icrc().identification(packet)).isEqualTo(published.identification());
    }

    @ParameterizedTest
    @MethodSource("published")
    void thePublishedSumIsWhatWeWriteWhenTheIdentificationIsZero(Published published) {
        ReceivedPacket packet = published.received();
        int sum = new Icrc()
                .of(
                        packet.memory,
                        packet.start,
                        packet.length,
                        packet.sourceGidHigh,
                        packet.sourceGidLow,
                        packet.destinationGidHigh,
                        packet.destinationGidLow,
                        packet.sourcePort);
        if (published.identification() == 0) {
            assertThat(HexFormat.of().toHexDigits(sum)).isEqualTo(published.sum());
        } else {
            assertThat(HexFormat.of().toHexDigits(sum)).isNotEqualTo(published.sum());
        }
    }

    @ParameterizedTest
    @MethodSource("published")
    void whatMayChangeOnTheWayIsNotCovered(Published published) {
        ReceivedPacket packet = published.received();
        int congestion = packet.start + PacketFormat.DESTINATION;
        packet.memory.put(congestion, (byte) (packet.memory.get(congestion) | PacketFormat.FECN));
        assertThat(new Icrc().identification(packet)).isEqualTo(published.identification());
    }
}
