package org.rddma.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

final class GidTest {
    @Test
    @DisplayName("16 bytes in network order, both ways")
    void bytes() {
        byte[] bytes = {(byte) 0xFE, (byte) 0x80, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, (byte) 0xFF};
        Gid gid = Gid.of(bytes);
        assertThat(gid).isEqualTo(new Gid(0xFE80_0000_0000_0001L, 0x0203_0405_0607_08FFL));
        assertThat(gid.toBytes()).isEqualTo(bytes);
        assertThat(gid.isZero()).isFalse();
        assertThat(gid).isNotEqualTo(Gid.ZERO);
    }

    @Test
    @DisplayName("written as an IPv6 address, an IPv4 address with its prefix")
    void text() {
        assertThat(new Gid(0xFE80_0000_0000_0000L, 1)).hasToString("fe80:0:0:0:0:0:0:1");
        assertThat(new Gid(0, 0xFFFF_C0A8_01FEL)).hasToString("::ffff:192.168.1.254");
        assertThat(new Gid(0, 0xFFFF_FFFF_FFFFL)).hasToString("::ffff:255.255.255.255");
        assertThat(Gid.ZERO).hasToString("0:0:0:0:0:0:0:0");
        assertThat(Gid.ZERO.isZero()).isTrue();
    }

    @Test
    @DisplayName("any other number of bytes is refused")
    void wrongLength() {
        assertThatThrownBy(() -> Gid.of(new byte[15])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Gid.of(new byte[17])).isInstanceOf(IllegalArgumentException.class);
    }
}
