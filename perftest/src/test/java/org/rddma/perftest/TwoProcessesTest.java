package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server and client as processes of their own, on two addresses of this host. */
@Timeout(120)
class TwoProcessesTest {
    private static final String LONG = "send_lat -e -D 100 -f 0";

    private final int port = TwoEnds.freePort();

    private PerftestProcess server(String line) {
        PerftestProcess server = new PerftestProcess(line + " -d roce:127.0.7.3 -p " + port);
        server.awaitOutput("Waiting for client");
        return server;
    }

    private PerftestProcess client(String line) {
        return new PerftestProcess(line + " -d roce:127.0.7.4 -p " + port + " 127.0.0.1");
    }

    @Test
    void bothEndsReport(@TempDir Path folder) throws InterruptedException, IOException {
        Path capture = folder.resolve("client.pcapng");
        String line = "send_lat -n 50 -e";
        try (PerftestProcess server = server(line);
                PerftestProcess client = client(line + " --pcap " + capture)) {
            assertThat(client.join()).as(client.output()).isZero();
            assertThat(server.join()).as(server.output()).isZero();

            assertThat(client.output()).containsPattern("(?m)^ 2 +50 ");
            assertThat(server.output()).containsPattern("(?m)^ 2 +49 ");
        }
        assertThat(Files.size(capture)).isGreaterThan(50 * 60);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "send_lat -c UD",
                "write_lat",
                "read_lat -e",
                "atomic_lat",
                "send_bw -b -e --use-srq -q 2",
                "write_bw -b -c UC",
                "read_bw -D 1",
                "atomic_bw -q 3"
            })
    void eachOfTheEight(String line) throws InterruptedException {
        String counted = line.contains("-D") ? line : line + " -n 100";
        try (PerftestProcess server = server(counted);
                PerftestProcess client = client(counted)) {
            assertThat(client.join()).as(client.output()).isZero();
            assertThat(server.join()).as(server.output()).isZero();

            assertThat(client.output()).containsPattern("(?m)^ \\d+ +\\d+ .*\\d\\.\\d");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoeverIsToldToEndReportsAndSoDoesTheOther(boolean atServer) throws InterruptedException {
        try (PerftestProcess server = server(LONG);
                PerftestProcess client = client(LONG)) {
            client.awaitOutput("#bytes");
            server.awaitOutput("#bytes");
            PerftestProcess told = atServer ? server : client;
            PerftestProcess other = atServer ? client : server;
            told.tell();

            assertThat(told.join()).isEqualTo(128 + 15);
            assertThat(other.join()).isEqualTo(1);
            assertThat(told.output()).contains("the run was interrupted");
            assertThat(other.output()).contains("the run was interrupted at the other end");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoeverIsKilledIsMissedWithinSeconds(boolean theServer) throws InterruptedException {
        try (PerftestProcess server = server(LONG);
                PerftestProcess client = client(LONG)) {
            client.awaitOutput("#bytes");
            long start = System.nanoTime();
            (theServer ? server : client).kill();
            PerftestProcess left = theServer ? client : server;

            assertThat(left.join()).isEqualTo(1);
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
            assertThat(left.output()).containsPattern("has gone|RETRY_EXC_ERR");
        }
    }

    @Test
    void bothEndsOfOneProcessReportWhenItIsToldToEnd() throws InterruptedException {
        try (PerftestProcess both = new PerftestProcess("send_lat --loopback -e -D 100 -f 0")) {
            both.awaitOutput("#bytes");
            both.tell();

            assertThat(both.join()).isEqualTo(128 + 15);
            assertThat(both.output()).contains("the run was interrupted");
        }
    }

    @Test
    void twoProcessesAtOneAddressAreRefusedWithASentence() throws InterruptedException {
        try (PerftestProcess server = server("send_lat -e");
                PerftestProcess other = new PerftestProcess("send_lat -d roce:127.0.7.3 -p " + TwoEnds.freePort())) {
            assertThat(other.join()).isEqualTo(1);
            assertThat(other.output()).contains("127.0.7.3").doesNotContain("\tat ");
            assertThat(server.output()).contains("Waiting");
        }
    }

    @Test
    void aServerThatWaitsEndsWhenItIsTold() throws InterruptedException {
        try (PerftestProcess server = server("send_lat")) {
            server.tell();

            assertThat(server.join()).isEqualTo(128 + 15);
        }
    }

    @Test
    void withoutADeviceTheAddressTowardsTheOtherEndIsUsed() throws InterruptedException {
        try (PerftestProcess server = new PerftestProcess("read_lat -n 50 -e -d roce:127.0.7.3 -p " + port)) {
            server.awaitOutput("Waiting for client");
            try (PerftestProcess client = new PerftestProcess("read_lat -n 50 -e -p " + port + " 127.0.0.1")) {
                assertThat(client.join()).as(client.output()).isZero();
                assertThat(client.output()).contains("roce:127.0.0.1");
            }
        }
    }
}
