package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused is refused with a sentence on standard error, status 2 and nothing on standard output. */
class OptionRulesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "write_lat -e | receiver of a WRITE gets no completion",
                "write_bw -e | receiver of a WRITE gets no completion",
                "send_lat -X 1 | give -e too",
                "write_lat --write_with_imm -e -X 1 | -X is not for WRITE",
                "send_lat -e -X 2049 | -X takes 0 to 2048",
                "send_lat -e -X 2000 | the device has vectors",
                "send_lat -a -D 2 | exclude each other",
                "send_lat -a -s 8 | exclude each other",
                "send_lat -n 100 -D 2 | exclude each other",
                "send_lat -n 4 | -n takes 5 to 4294967296",
                "send_lat -n 4294967297 | -n takes 5 to 4294967296",
                "send_lat -D 4 -f 2 | nothing is left",
                "send_lat -f 2 | give -D too",
                "send_lat -D 0 | -D takes",
                "read_lat -c UC | neither READ nor atomics",
                "atomic_bw -c UC | neither READ nor atomics",
                "write_bw -c UD | datagrams can only SEND",
                "read_bw -c UD | datagrams can only SEND",
                "send_lat -c XRC | not there yet",
                "send_lat -c DC | not there yet",
                "send_lat -c TCP | no connection type",
                "send_lat -c UD -s 4097 | no more than the MTU",
                "send_lat -c UD -m 1024 -s 1025 | no more than the MTU",
                "atomic_lat -s 16 | always works on 8 bytes",
                "atomic_lat -a | always works on 8 bytes",
                "read_lat -I 8 | nothing can be inline",
                "atomic_bw -I 8 | nothing can be inline",
                "send_lat -I 1025 | -I takes 0 to 1024",
                "send_lat -b | for bandwidth",
                "send_lat -q 2 | for bandwidth",
                "send_lat -l 2 | for bandwidth",
                "send_lat -N | for bandwidth",
                "send_lat -w 1 | for bandwidth",
                "send_lat -y 1 | for bandwidth",
                "send_lat --report_gbits | for bandwidth",
                "send_lat --output=bandwidth | --output takes latency",
                "send_bw --output=latency | --output takes bandwidth or message_rate",
                "send_bw -H | for latency",
                "send_bw -U | for latency",
                "send_bw --hdr_log x | for latency",
                "send_bw --percentiles 50 | for latency",
                "send_lat --percentiles 100 | between 0 and 100",
                "send_lat -U -D 2 | needs -n",
                "send_bw -q 2 --cqs 2 | exclude each other",
                "send_lat --busy_cqs 2 | latency tests with --cqs",
                "send_bw --cqs 4 --busy_cqs 2 | latency tests with --cqs",
                "send_lat --cqs 4 --busy_cqs 5 | --busy_cqs",
                "send_bw -q 16385 | -q takes 1 to 16384",
                "send_bw -t 15001 | -t takes 1 to 15000",
                "send_bw -r 16385 | -r takes 1 to 16384",
                "send_bw -Q 1025 | -Q takes 1 to 1024",
                "read_lat -Q 2 | waits for every completion",
                "write_bw -r 16 | posts no receives",
                "read_bw --recv_post_list 2 | posts no receives",
                "send_bw -l 3 -n 1000 | -n must be a multiple of -l",
                "send_bw -l 10 -Q 4 | must be a multiple of -Q",
                "send_bw -l 200 | does not fit into -t",
                "send_bw --recv_post_list 3 -r 8 | must divide -r",
                "send_lat -A CMP_AND_SWAP | for atomic_lat and atomic_bw",
                "atomic_lat -A SUBTRACT | FETCH_AND_ADD or CMP_AND_SWAP",
                "send_lat --write_with_imm | for write_lat and write_bw",
                "write_lat --send_with_imm | for send_lat and send_bw",
                "send_lat -o 4 | for READ and atomics",
                "send_lat -m 1000 | -m takes 256",
                "send_lat -i 9 | the device has 1 ports",
                "send_lat -x 15 | no GID 15",
                "send_lat -d nosuch | there is no device 'nosuch'",
                "send_lat --pin_cores 0 | takes two processors",
                "send_lat -s 3G | is no size",
                "send_lat -s 0 | -s takes 1 to",
                "send_bw -q 16384 -s 1M | more than one region",
                "send_lat -n 10 -n 20 | only once",
                "send_lat -e -e | only once",
                "send_lat somehost | two processes",
                "send_lat -p 18515 | two processes",
                "send_lat --port=18515 | two processes",
                "send_lat -p18515 | two processes",
                "write_bw --use-srq | for send_lat and send_bw",
                "send_bw -q 4 -r 2 --use-srq | too few for 4 queue pairs",
                "write_bw --report-both | give -b too",
                "send_lat --nosuch | --nosuch"
            })
    void refuses(String line, String sentence) {
        Cli cli = Cli.loopback(line);

        assertThat(cli.err()).contains(sentence).startsWith("perftest " + line.substring(0, line.indexOf(' ')) + ": ");
        assertThat(cli.status()).isEqualTo(2);
        assertThat(cli.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--run_infinitely",
                "--reversed",
                "-O",
                "--dualport",
                "-z",
                "-R",
                "--rdma_cm",
                "-g",
                "-M",
                "--latency_gap",
                "--disable_dynamic_polling",
                "--mr_per_qp",
                "--use-null-mr",
                "--odp",
                "--use_hugepages",
                "--mmap",
                "--no_lock",
                "--use_old_post_send",
                "-u",
                "--retry_count",
                "--wait_destroy",
                "-S",
                "--tclass",
                "--flow_label",
                "--pkey_index",
                "--dlid",
                "-T",
                "-L",
                "--ipv6",
                "-C",
                "--cpu_util",
                "-W",
                "--rate_limit",
                "--burst_size",
                "--data_validation",
                "--payload_file_path",
                "--numa_node",
                "--disable_numa",
                "--dont_xchg_versions",
                "-B",
                "-E",
                "-v",
                "-G",
                "--flows",
                "--vlan_en",
                "--use_cuda",
                "--use_rocm",
                "--tph_mem",
                "--aes_xts"
            })
    void saysWhyKnownOptionsAreRefused(String option) {
        Cli cli = Cli.run("send_bw", "--loopback", option);

        assertThat(cli.status()).isEqualTo(2);
        assertThat(cli.err()).startsWith("perftest send_bw: " + option + ": ").doesNotContain("Unknown option");
        assertThat(cli.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "send_lat -d soft0 | of its own process only: give --loopback",
                "send_lat -d soft0 127.0.0.1 | of its own process only: give --loopback",
                "send_lat -d nosuch | there is no device 'nosuch'",
                "send_lat -p 0 | -p takes 1 to 65535",
                "send_lat -p 65536 host | -p takes 1 to 65535",
                "send_lat --limits | give --loopback",
                "send_lat no.such.host.invalid | is not known"
            })
    void refusesWhatIsNotForTwoProcesses(String line, String sentence) {
        Cli cli = Cli.run(line.split(" ", -1));

        assertThat(cli.err()).contains(sentence);
        assertThat(cli.status()).isEqualTo(2);
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void needsACommand() {
        assertThat(Cli.run().status()).isEqualTo(2);
        assertThat(Cli.run("nosuch").status()).isEqualTo(2);
        assertThat(Cli.run("--nosuch").status()).isEqualTo(2);
    }

    @Test
    void helpAndVersionSucceed() {
        for (String[] line : new String[][] {
            {"--help"}, {"-h"}, {"send_lat", "-h"}, {"limits", "--help"}, {"--version"}, {"-V"}, {"send_bw", "-V"}
        }) {
            Cli cli = Cli.run(line);

            assertThat(cli.status()).isZero();
            assertThat(cli.out()).isNotBlank();
            assertThat(cli.err()).isEmpty();
        }
    }
}
