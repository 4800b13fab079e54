package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.rddma.verbs.Gid;

/** How addresses look on TCP, and GIDs on the terminal. */
class PingPongAddressProperties {
    private static PingPongAddress address(int lid, int pair, int psn, long high, long low) {
        return new PingPongAddress(lid, pair, psn, new Gid(high, low));
    }

    @Example
    void aRecordIsFiftyTwoBytesOfText() {
        byte[] record = address(0x12, 0x345, 0x6789AB, 0xFE80_0000_0000_0000L, 0x0202_C9FF_FE00_0001L)
                .encode();

        assertThat(new String(record, StandardCharsets.US_ASCII))
                .isEqualTo("0012:000345:6789ab:fe800000000000000202c9fffe000001\0");
    }

    @Property(tries = 500)
    void whatIsWrittenIsReadAsItWas(
            @ForAll @IntRange(max = 0xFFFF) int lid,
            @ForAll @IntRange(max = 0xFFFFFF) int pair,
            @ForAll @IntRange(max = 0xFFFFFF) int psn,
            @ForAll long high,
            @ForAll long low) {
        PingPongAddress address = address(lid, pair, psn, high, low);

        assertThat(address.encode()).hasSize(PingPongAddress.BYTES);
        assertThat(PingPongAddress.decode(address.encode())).isEqualTo(address);
    }

    @Property(tries = 1000)
    void anythingElseIsRefusedAndShownWithoutHarm(@ForAll @Size(52) byte[] bytes) {
        if (bytes[0] != 0) {
            bytes[0] = 'x';
            assertThatThrownBy(() -> PingPongAddress.decode(bytes))
                    .isInstanceOf(RunFailedException.class)
                    .message()
                    .matches("[ -~]*");
        }
    }

    @Example
    void gidsLookAsTheSystemsLibraryWritesThem() {
        assertThat(InetText.of(Gid.ZERO)).isEqualTo("::");
        assertThat(InetText.of(new Gid(0, 1))).isEqualTo("::1");
        assertThat(InetText.of(new Gid(0, 0x0000_FFFF_0A09_0002L))).isEqualTo("::ffff:10.9.0.2");
        assertThat(InetText.of(new Gid(0, 0x0A09_0002L))).isEqualTo("::10.9.0.2");
        assertThat(InetText.of(new Gid(0, 0x0001_0A09_0002L))).isEqualTo("::1:a09:2");
        assertThat(InetText.of(new Gid(0xFE80_0000_0000_0000L, 0x0202_C9FF_FE00_0001L)))
                .isEqualTo("fe80::202:c9ff:fe00:1");
        assertThat(InetText.of(new Gid(0xFD00_0000_0000_0000L, 2))).isEqualTo("fd00::2");
        assertThat(InetText.of(new Gid(0x0001_0000_0000_0001L, 0x0001_0000_0000_0001L)))
                .isEqualTo("1::1:1:0:0:1");
        assertThat(InetText.of(new Gid(0x0001_0000_0001_0000L, 0x0001_0002_0003_0004L)))
                .isEqualTo("1:0:1:0:1:2:3:4");
        assertThat(InetText.of(new Gid(0x0001_0002_0003_0004L, 0x0005_0006_0000_0000L)))
                .isEqualTo("1:2:3:4:5:6::");
        assertThat(InetText.of(new Gid(-1, -1))).isEqualTo("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    }

    @Property(tries = 1000)
    void whatAGidLooksLikeIsItsAddress(@ForAll @Size(8) @IntRange(max = 2) int[] groups) throws UnknownHostException {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[2 * i] = (byte) (groups[i] == 2 ? 0xAB : 0);
            bytes[2 * i + 1] = (byte) (groups[i] == 0 ? 0 : 0xCD);
        }
        String text = InetText.of(Gid.of(bytes));

        InetAddress read = InetAddress.getByName(text);

        assertThat(read.getAddress()).isEqualTo(bytes);
    }
}
