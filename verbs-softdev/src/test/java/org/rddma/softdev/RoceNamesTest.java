package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;

/** An address has one name, one GID and one GUID; what is no address is refused, and nobody is asked for it. */
class RoceNamesTest {
    @ParameterizedTest
    @CsvSource({
        "10.9.0.2, 10.9.0.2",
        "fd00::1, fd00::1",
        "FD00:0:0:0:0:0:0:1, fd00::1",
        "::1, ::1",
        "fd00::, fd00::",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "::ffff:10.9.0.2, 10.9.0.2",
    })
    void anAddressHasOneName(String text, String name) {
        InetAddress address = RoceNames.parse("roce:" + text);

        assertThat(RoceNames.of(address)).isEqualTo("roce:" + name);
        assertThat(RoceNames.parse("roce:" + name)).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.9.0",
                "10.9.0.256",
                "10.9.0.02",
                "1",
                "10.9.0.2 ",
                "1::2::3",
                "fd00::12345",
                "[::1]",
                ":",
                "::1%no-such-interface"
            })
    void whatIsNoAddressIsRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> RoceNames.parse("roce:" + text))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .hasMessageContaining("'roce:" + text + "'")
                .hasMessageContaining("such as roce:10.9.0.2");
    }

    @Test
    void gidsAndGuidsAreThoseOfTheAddress() {
        InetAddress four = RoceNames.parse("10.9.0.2");
        InetAddress six = RoceNames.parse("fd00::1");

        assertThat(RoceNames.gid(four)).isEqualTo(new Gid(0, 0xFFFF_0A09_0002L));
        assertThat(RoceNames.guid(four)).isEqualTo(0x0200_0AFF_FE09_0002L);
        assertThat(RoceNames.gid(six)).isEqualTo(new Gid(0xFD00_0000_0000_0000L, 1));
        assertThat(RoceNames.guid(six))
                .isNotEqualTo(RoceNames.guid(RoceNames.parse("fd00::2")))
                .isNotEqualTo(RoceNames.guid(RoceNames.parse("fd01::1")));
        assertThat(RoceNames.guid(six) >>> 56 & 3).isEqualTo(2);
    }
}
