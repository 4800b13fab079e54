package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every test runs, on every transport that can do it, polling and asleep. */
@Timeout(120)
class LoopbackTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "send_lat -n 50",
                "send_lat -n 50 -e",
                "send_lat -n 50 -c UC",
                "send_lat -n 50 -c UC -e",
                "send_lat -n 50 -c UD",
                "send_lat -n 50 -c UD -e",
                "send_lat -n 50 --send_with_imm",
                "send_lat -n 50 -t 16 -Q 8 -r 2",
                "send_lat -n 50 -r 1",
                "send_lat -n 50 --cqs 7",
                "send_lat -n 50 --cqs 7 -e",
                "send_lat -n 50 --cqs 7 --busy_cqs 2 -e",
                "send_lat -n 50 -s 1M -e",
                "send_lat -n 50 -e -X 1 -m 1024 -I 0",
                "write_lat -n 50",
                "write_lat -n 50 -c UC",
                "write_lat -n 50 --cqs 3",
                "write_lat -n 50 --write_with_imm -e",
                "write_lat -n 50 -c UC --write_with_imm",
                "read_lat -n 50",
                "read_lat -n 50 -e -o 1",
                "atomic_lat -n 50",
                "atomic_lat -n 50 -A CMP_AND_SWAP -e"
            })
    void latency(String line) {
        Cli cli = Cli.loopback(line);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
        int size = line.contains("1M") ? 1 << 20 : line.startsWith("atomic") ? 8 : 2;
        List<String> row = cli.row(size);
        assertThat(row).hasSameSizeAs(cli.columns());
        assertThat(row.get(1)).isEqualTo("50");
        double min = Double.parseDouble(row.get(2));
        double max = Double.parseDouble(row.get(3));
        double median = Double.parseDouble(row.get(4));
        assertThat(min).isLessThanOrEqualTo(median);
        assertThat(median).isLessThanOrEqualTo(max);
        assertThat(row.subList(7, 11)).containsOnly("-"); // 50 samples have no 99th percentile
        assertThat(row.get(11)).isEqualTo(row.get(3));
        if (line.contains(" -e")) {
            assertThat(cli.out()).contains("Test with events. Using soft0_comp").containsPattern(" events: [1-9]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "send_bw -n 500 -s 64",
                "send_bw -n 500 -s 64 -e",
                "send_bw -n 500 -s 64 -c UC",
                "send_bw -n 500 -s 64 -c UD",
                "send_bw -n 500 -s 64 -c UD -e",
                "send_bw -n 500 -s 64 -b",
                "send_bw -n 500 -s 64 -b -e",
                "send_bw -n 500 -s 64 -q 4",
                "send_bw -n 500 -s 64 -q 4 -b -e",
                "send_bw -n 500 -s 64 --cqs 4 -e",
                "send_bw -n 500 -s 64 --cqs 4 -b",
                "send_bw -n 500 -s 64 -l 10 --recv_post_list 4",
                "send_bw -n 500 -s 64 -t 7 -Q 3 -r 6",
                "write_bw -n 500 -s 64",
                "write_bw -n 500 -s 64 -c UC",
                "write_bw -n 500 -s 64 -b -q 3",
                "write_bw -n 500 -s 64 --write_with_imm -e",
                "write_bw -n 500 -s 64 --write_with_imm -b",
                "write_bw -n 500 -s 64 -l 20 -Q 5",
                "write_bw -n 500 -s 64 -I 64",
                "read_bw -n 500 -s 64",
                "read_bw -n 500 -s 64 -e -q 2",
                "atomic_bw -n 500",
                "atomic_bw -n 500 -b -A CMP_AND_SWAP",
                "atomic_bw -n 500 --cqs 3 -e"
            })
    void bandwidth(String line) {
        Cli cli = Cli.loopback(line);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
        List<String> row = cli.row(line.startsWith("atomic") ? 8 : 64);
        assertThat(cli.columns())
                .containsExactly("#bytes", "#iterations", "BW peak[MiB/sec]", "BW average[MiB/sec]", "MsgRate[Mpps]");
        assertThat(row).hasSize(5);
        int pairs = line.contains("-q 2")
                ? 2
                : line.contains("3") && line.matches(".*(-q|--cqs) 3.*") ? 3 : line.matches(".*(-q|--cqs) 4.*") ? 4 : 1;
        int directions = line.contains(" -b") ? 2 : 1;
        assertThat(row.get(1)).isEqualTo(Integer.toString(500 * pairs * directions));
        assertThat(Double.parseDouble(row.get(2))).isPositive();
        assertThat(Double.parseDouble(row.get(3))).isPositive();
        assertThat(Double.parseDouble(row.get(4))).isPositive();
    }

    @Test
    void datagramsAreAsLongAsTheMtuUnlessSaidOtherwise() {
        assertThat(Cli.loopback("send_bw -n 500 -c UD").row(4096)).isNotEmpty();
        assertThat(Cli.loopback("send_bw -n 500 -c UD -m 512").row(512)).isNotEmpty();
    }

    /** Whoever wakes the other is likely to lose the processor to it at once: phases must end cleanly all the same. */
    @Test
    @Tag("slow")
    void bothEndsOnOneProcessor() {
        int processor = Processors.two().stream().findFirst().orElse(0);
        for (int i = 0; i < 5; i++) {
            Cli cli = Cli.loopback("send_lat -e -n 50 --limits --pin_cores " + processor + "," + processor);

            assertThat(cli.err()).isEmpty();
            assertThat(cli.status()).isZero();
        }
    }
}
