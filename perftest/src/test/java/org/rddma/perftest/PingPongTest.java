package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our ping-pongs against themselves. */
@Timeout(120)
class PingPongTest {
    private static final String ADDRESS = "LID 0x[0-9a-f]{4}, QPN 0x[0-9a-f]{6}, PSN 0x[0-9a-f]{6}, GID [0-9a-f:.]+";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rc_pingpong -n 50 -c",
                "rc_pingpong -n 50 -c -e",
                "rc_pingpong -n 50 -c -s 1",
                "rc_pingpong -n 20 -s 0",
                "rc_pingpong -n 50 -c -s 65536 -m 4096 -e",
                "rc_pingpong -n 50 -c -N -e",
                "rc_pingpong -n 50 -r 2 -e -g 0 -i 1 -l 3",
                "uc_pingpong -n 50 -c -m 256",
                "uc_pingpong -n 50 -c -e",
                "ud_pingpong -n 50 -c",
                "ud_pingpong -n 50 -c -s 0x1000 -e",
                "srq_pingpong -n 100 -c -e",
                "srq_pingpong -n 100 -c -q 3 -r 3 -e",
                "srq_pingpong -n 40 -q 255 -e -s 10",
            })
    void bothEndsEndWellAndSayTheSame(String line) throws Throwable {
        check(PingPongDuo.run(line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rc_pingpong -n 50 -c -e",
                "rc_pingpong -n 20 -c -e -s 65536 -m 4096",
                "rc_pingpong -n 20 -c",
                "uc_pingpong -n 20 -c -e",
                "ud_pingpong -n 20 -c -e",
                "srq_pingpong -n 60 -c -q 3 -e",
            })
    void onTheWireTheyDoTheSame(String line) throws Throwable {
        PingPongDuo duo = PingPongDuo.run(line + " -d roce:127.0.6.1", line + " -d roce:127.0.6.2");

        check(duo);
        assertThat(duo.client().out()).contains("GID ::ffff:127.0.6.1\n").contains("GID ::ffff:127.0.6.2\n");
    }

    private static void check(PingPongDuo duo) {
        for (Cli cli : List.of(duo.client(), duo.server())) {
            assertThat(cli.err()).isEmpty();
            assertThat(cli.status()).isZero();
        }
        assertThat(addresses(duo.client(), "  remote address: "))
                .isEqualTo(addresses(duo.server(), "  local address:  "));
        assertThat(addresses(duo.server(), "  remote address: "))
                .isEqualTo(addresses(duo.client(), "  local address:  "));
    }

    /** Without what differs between the programs: the datagram one writes a colon before its own GID. */
    private static List<String> addresses(Cli cli, String prefix) {
        List<String> addresses = cli.out()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()).replace(": GID", ", GID"))
                .toList();
        assertThat(addresses).isNotEmpty().allMatch(line -> line.matches(ADDRESS));
        return addresses;
    }

    @Test
    void whatIsPrintedIsWhatTheProgramOfTheSameNamePrints() throws Throwable {
        PingPongDuo duo = PingPongDuo.run("rc_pingpong -n 10 -s 100 -e");

        List<String> lines = duo.client().out().lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).matches("  local address:  " + ADDRESS);
        assertThat(lines.get(1)).matches("  remote address: " + ADDRESS);
        assertThat(lines.get(2)).matches("2000 bytes in \\d+\\.\\d\\d seconds = \\d+\\.\\d\\d Mbit/sec");
        assertThat(lines.get(3)).matches("10 iters in \\d+\\.\\d\\d seconds = \\d+\\.\\d\\d usec/iter");
        assertThat(duo.client().out()).endsWith("usec/iter\n").doesNotContain("\r");
    }

    @Test
    void theDatagramOneWritesItsOwnGidAfterAColonAsTheOriginalDoes() throws Throwable {
        PingPongDuo duo = PingPongDuo.run("ud_pingpong -n 5 -e");

        assertThat(duo.client().out())
                .containsPattern("(?m)^  local address:  LID 0x\\w{4}, QPN 0x\\w{6}, PSN 0x\\w{6}: GID ")
                .containsPattern("(?m)^  remote address: LID 0x\\w{4}, QPN 0x\\w{6}, PSN 0x\\w{6}, GID ");
    }

    @Test
    void timeStampsAddTheTimesBetweenReceives() throws Throwable {
        PingPongDuo duo = PingPongDuo.run("rc_pingpong -n 20 -t -e");

        assertThat(duo.server().status()).isZero();
        assertThat(duo.server().out())
                .containsPattern("(?m)^Max receive completion clock cycles = \\d+$")
                .containsPattern("(?m)^Min receive completion clock cycles = \\d+$")
                .containsPattern("(?m)^Average receive completion clock cycles = \\d+\\.\\d{6}$");
    }

    @Test
    void aServerThatFindsWhatNobodySentSaysWhereAndFails() throws Throwable {
        PingPongDuo duo = PingPongDuo.run("rc_pingpong -n 5 -e -c", "rc_pingpong -n 5 -e");

        assertThat(duo.server().out()).endsWith("invalid data in page 0\n");
        assertThat(duo.server().status()).isEqualTo(1);
        assertThat(duo.client().status()).isZero();
    }

    @Test
    void anEndThatNeedsMoreRoundTripsThanTheOtherFindsItsPeerSilent() throws Throwable {
        PingPongDuo duo = PingPongDuo.run("uc_pingpong -n 5 -e", "uc_pingpong -n 6 -e --timeout 3");

        assertThat(duo.server().status()).isZero();
        assertThat(duo.client().status()).isEqualTo(1);
        assertThat(duo.client().err()).contains("the peer is silent since 3 s, after 5 of 6 messages");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ud_pingpong -m 1024 | -m: ud_pingpong has no path MTU",
                "rc_pingpong -m 1000 | -m takes 256, 512, 1024, 2048 or 4096, not 1000",
                "rc_pingpong -q 2 | -q is for srq_pingpong",
                "srq_pingpong -q 256 | -q takes 1 to 255, not 256",
                "srq_pingpong -q 5 -r 4 | 4 receives are too few for 5 queue pairs",
                "rc_pingpong -r 0 | -r takes 1 to",
                "rc_pingpong -n 0 | -n takes 1 to",
                "rc_pingpong -s -1 | -s takes 0 to",
                "rc_pingpong -s many | 'many' is no number",
                "rc_pingpong -l 16 | -l takes 0 to 15",
                "uc_pingpong -t | -t is for rc_pingpong",
                "ud_pingpong -N | -N is for rc_pingpong",
                "rc_pingpong -o | paged on demand",
                "rc_pingpong -j | memory on the device",
                "rc_pingpong -g 200 | GID",
                "rc_pingpong -i 9 | port",
                "rc_pingpong -d nosuch | nosuch",
                "rc_pingpong one two | two",
                "ud_pingpong -s 4097 | Requested size larger than port MTU (4096)",
            })
    void whatCannotBeIsRefusedWithASentenceAndStatusOneAsTheOriginalsDo(String line, String sentence) throws Throwable {
        Cli cli = Cli.run(PingPongDuo.arguments(line, PingPongDuo.freePort()));

        assertThat(cli.status()).isEqualTo(1);
        assertThat(cli.err()).contains(sentence).doesNotContain("\tat ");
        assertThat(cli.out()).doesNotContain("remote address");
    }
}
