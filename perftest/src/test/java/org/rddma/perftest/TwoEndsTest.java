package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A test whose ends know of each other only what goes over TCP. */
@Timeout(120)
class TwoEndsTest {
    /** The cells of the row that begins with this size; null for none. */
    private static List<String> row(TwoEnds.Ended end, int size) {
        return end.out()
                .lines()
                .filter(line -> line.startsWith(" " + size + " "))
                .map(line -> List.of(line.strip().split(" {2,}", -1)))
                .findFirst()
                .orElse(null);
    }

    private static void assertWell(TwoEnds ends) {
        assertThat(ends.client().failure()).isNull();
        assertThat(ends.server().failure()).isNull();
        assertThat(ends.client().interruption()).isNull();
        assertThat(ends.server().interruption()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "SEND_LAT, -n 50",
        "SEND_LAT, -n 50 -e",
        "SEND_LAT, -n 50 -c UC",
        "SEND_LAT, -n 50 -c UD -e",
        "SEND_LAT, -n 50 --use-srq --cqs 3",
        "WRITE_LAT, -n 50",
        "WRITE_LAT, -n 50 --write_with_imm -e",
        "SEND_LAT, -D 1"
    })
    void bothEndsReportTheLatencyThatTheyMeasured(TestKind kind, String options) {
        TwoEnds ends = TwoEnds.run(kind, options);

        assertWell(ends);
        for (TwoEnds.Ended end : List.of(ends.server(), ends.client())) {
            List<String> row = row(end, 2);
            assertThat(row).as(end.out()).isNotNull();
            if (options.contains("-n 50")) {
                assertThat(row.get(1)).isEqualTo(end.equals(ends.client()) ? "50" : "49");
            }
            assertThat(Double.parseDouble(row.get(4))).isPositive();
        }
        assertThat(ends.server().out())
                .contains("Waiting for client to connect", "from its answer to the next message");
        assertThat(ends.client().out()).doesNotContain("Waiting").contains("Data ex method    : Ethernet");
    }

    @ParameterizedTest
    @CsvSource({"READ_LAT, -n 50", "READ_LAT, -n 50 -e", "ATOMIC_LAT, -n 50"})
    void onlyTheClientReportsALatencyThatOnlyItMeasured(TestKind kind, String options) {
        TwoEnds ends = TwoEnds.run(kind, options);

        assertWell(ends);
        int size = kind == TestKind.ATOMIC_LAT ? 8 : 2;
        assertThat(row(ends.client(), size).get(1)).isEqualTo("50");
        assertThat(row(ends.server(), size)).isNull();
        assertThat(ends.server().out()).contains("measured by the client");
    }

    @ParameterizedTest
    @CsvSource({"WRITE_BW, -n 500 -s 64", "READ_BW, -n 500 -s 64 -q 3 -e", "ATOMIC_BW, -n 500", "WRITE_BW, -D 1 -s 64"})
    void aServerThatTakesNoPartShowsTheClientsRow(TestKind kind, String options) {
        TwoEnds ends = TwoEnds.run(kind, options);

        assertWell(ends);
        int size = kind == TestKind.ATOMIC_BW ? 8 : 64;
        assertThat(row(ends.server(), size)).isNotNull().isEqualTo(row(ends.client(), size));
    }

    @ParameterizedTest
    @CsvSource({
        "SEND_BW, -n 500 -s 64",
        "SEND_BW, -n 500 -s 64 -e",
        "SEND_BW, -n 500 -s 64 -c UD",
        "SEND_BW, -n 500 -s 64 -q 4 --use-srq",
        "SEND_BW, -n 5 -s 64 -q 600",
        "WRITE_BW, -n 500 -s 64 --write_with_imm"
    })
    void aReceiverReportsWhatCameIn(TestKind kind, String options) {
        TwoEnds ends = TwoEnds.run(kind, options);

        assertWell(ends);
        String messages = options.contains("-q 4") ? "2000" : options.contains("-q 600") ? "3000" : "500";
        assertThat(row(ends.client(), 64).get(1)).isEqualTo(messages);
        List<String> received = row(ends.server(), 64);
        assertThat(received.get(1)).isEqualTo(messages);
        assertThat(received.get(2)).isEqualTo("-"); // it has no peak
        assertThat(Double.parseDouble(received.get(3))).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"SEND_BW, -n 500 -s 64 -b", "SEND_BW, -n 500 -s 64 -b -e -q 2", "WRITE_BW, -n 500 -s 64 -b"})
    void bothDirectionsAreOneRowTheSameAtBothEnds(TestKind kind, String options) {
        TwoEnds ends = TwoEnds.run(kind, options + " --report-both");

        assertWell(ends);
        assertThat(row(ends.client(), 64).get(1)).isEqualTo(options.contains("-q 2") ? "2000" : "1000");
        assertThat(row(ends.server(), 64)).isEqualTo(row(ends.client(), 64));
        assertThat(ends.client().out()).contains(" Local: ", " Remote: ");
    }

    @Test
    void eachSizeHasItsRowAtBothEnds() {
        TwoEnds ends = TwoEnds.run(TestKind.SEND_LAT, "-n 20 -a -c UD");

        assertWell(ends);
        for (int size = 2; size <= 4096; size *= 2) {
            assertThat(row(ends.client(), size)).isNotNull();
            assertThat(row(ends.server(), size)).isNotNull();
        }
        assertThat(row(ends.client(), 8192)).isNull();
    }

    @Test
    void theSmallerMtuCountsAtBothEnds() {
        TwoEnds ends = TwoEnds.run(TestKind.SEND_LAT, "-n 20 -c UD -a", TestKind.SEND_LAT, "-n 20 -c UD -a -m 512");

        assertWell(ends);
        for (TwoEnds.Ended end : List.of(ends.server(), ends.client())) {
            assertThat(end.out()).contains("Mtu               : 512[B]");
            assertThat(row(end, 512)).isNotNull();
            assertThat(row(end, 1024)).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SEND_LAT, -n 50",
        "SEND_LAT, -n 50 -e -s 5000",
        "SEND_LAT, -n 50 -c UC",
        "SEND_LAT, -n 50 -c UD -e",
        "SEND_LAT, -n 50 --use-srq -e",
        "SEND_BW, -n 200 -s 10000 -q 3",
        "SEND_BW, -n 200 -s 10000 -b -e",
        "SEND_BW, -n 200 -s 100 -c UD",
        "SEND_BW, -D 1 -s 100 -c UC",
        "WRITE_LAT, -n 50",
        "WRITE_LAT, -n 50 --write_with_imm -e",
        "WRITE_BW, -n 200 -s 10000 -b",
        "WRITE_BW, -D 1 -s 10000",
        "READ_LAT, -n 50 -e",
        "READ_BW, -n 200 -s 10000 -q 2",
        "ATOMIC_LAT, -n 50",
        "ATOMIC_BW, -n 200 -e"
    })
    void allTestsRunOnTheWire(TestKind kind, String options) {
        TwoEnds ends = TwoEnds.runOnTheWire(kind, options);

        assertWell(ends);
        int size = kind.verb == Verb.ATOMIC ? 8 : 2;
        for (String option : options.split(" -", -1)) {
            size = option.startsWith("s ") ? Integer.parseInt(option.substring(2)) : size;
        }
        assertThat(row(ends.client(), size)).isNotNull();
        boolean onlyClient = kind.latency && kind.verb.isOneSided();
        assertThat(row(ends.server(), size) == null).isEqualTo(onlyClient);
        assertThat(ends.client().out()).contains("roce:127.0.7.2");
    }

    @ParameterizedTest
    @CsvSource({
        "SEND_LAT, '', WRITE_LAT, '', test: here send_lat, there write_lat",
        "SEND_LAT, -s 64, SEND_LAT, -s 128, '-s: here 64, there 128'",
        "SEND_LAT, -n 10, SEND_LAT, -D 2, '-n: here 10, there nothing, -D: here nothing, there 2.0 seconds'",
        "SEND_LAT, -c UC, SEND_LAT, -c UD, '-c: here UC, there UD'",
        "SEND_BW, -b, SEND_BW, '', '-b: here true, there false'",
        "SEND_BW, -q 2, SEND_BW, -q 3, '-q: here 2, there 3'",
        "ATOMIC_LAT, '', ATOMIC_LAT, -A CMP_AND_SWAP, 'opcode: here '"
    })
    void whatWasGivenDifferentlyIsNamedAtBothEnds(
            TestKind serverKind, String serverOptions, TestKind clientKind, String clientOptions, String sentence) {
        TwoEnds ends = TwoEnds.run(serverKind, serverOptions, clientKind, clientOptions);

        assertThat(ends.server().failure())
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining(sentence);
        String term = sentence.substring(0, sentence.indexOf(':'));
        assertThat(ends.client().failure())
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("the same test and options")
                .hasMessageContaining(term + ": here ");
    }
}
