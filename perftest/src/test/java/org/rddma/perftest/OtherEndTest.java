package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.perftest.FakeClient.connected;
import static org.rddma.perftest.FakeClient.serverWith;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.PeerExchange;
import org.rddma.verbs.app.PeerExchangeOptions;

/** An end whose other end is wrong, hostile, dead, or told to end: it says so soon, and never hangs. */
@Timeout(60)
class OtherEndTest {
    @ParameterizedTest
    @ValueSource(strings = {"-n 50", "-n 50 -e"})
    void aServerWhoseClientDiesSaysSoAtOnce(String options) throws Exception {
        long[] gone = new long[1];

        TwoEnds.Ended server = serverWith(options, client -> connected(client, fake -> gone[0] = System.nanoTime()));

        assertThat(server.failure()).isInstanceOf(RunFailedException.class).hasMessageContaining("has gone");
        assertThat(System.nanoTime() - gone[0]).isLessThan(TimeUnit.SECONDS.toNanos(8));
    }

    @Test
    void aServerWhoseClientDiesInAPhaseSaysSoAtOnce() throws Exception {
        TwoEnds.Ended server =
                serverWith("-n 50", client -> connected(client, fake -> fake.say(News.READY, News.PHASE, "1")));

        assertThat(server.failure()).isInstanceOf(RunFailedException.class).hasMessageContaining("has gone");
    }

    @Test
    void anEndThatFailsTellsTheOtherWhy() throws Exception {
        TwoEnds.Ended server = serverWith(
                "-n 50", client -> connected(client, fake -> fake.say(News.FAILED, News.SENTENCE, "no more paper")));

        assertThat(server.failure())
                .isInstanceOf(RunFailedException.class)
                .hasMessage("the other end has failed: no more paper");
    }

    @Test
    void newsThatMakeNoSenseEndTheRun() throws Exception {
        TwoEnds.Ended server =
                serverWith("-n 50", client -> connected(client, fake -> fake.say(Map.of("weather", "fine"))));

        assertThat(server.failure()).isInstanceOf(RunFailedException.class).hasMessageContaining("no news");
    }

    @Test
    void anEndInAnotherPhaseEndsTheRun() throws Exception {
        TwoEnds.Ended server = serverWith(
                "-n 50",
                client -> connected(client, fake -> {
                    fake.say(News.READY, News.PHASE, "7");
                    fake.awaitEnd();
                }));

        assertThat(server.failure())
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("not where this one is");
    }

    @Test
    void moreNewsThanAnEndWaitsForEndTheRun() throws Exception {
        TwoEnds.Ended server = serverWith(
                "-n 50",
                client -> connected(client, fake -> {
                    try {
                        for (int phase = 1; phase < 100; phase++) {
                            fake.say(News.READY, News.PHASE, "1");
                        }
                    } catch (VerbsException e) {
                        // it has had enough
                    }
                }));

        assertThat(server.failure()).isInstanceOf(RunFailedException.class);
    }

    @Test
    @Tag("slow")
    void anEndThatIsSilentIsTakenForDead() throws Exception {
        long start = System.nanoTime();
        TwoEnds.Ended server = serverWith("-n 50", client -> connected(client, FakeClient::awaitEnd));

        assertThat(server.failure()).isInstanceOf(RunFailedException.class);
        assertThat(System.nanoTime() - start).isBetween(TimeUnit.SECONDS.toNanos(8), TimeUnit.SECONDS.toNanos(20));
    }

    @ParameterizedTest
    @CsvSource({
        "mtu, 777, gid or mtu",
        "gid, fe80, gid or mtu",
        "lid, 65536, lid",
        "outs, 256, outs",
        "largest, 1, largest",
        "largest, 0, largest",
        "largest, -1, largest",
        "rkey, x, rkey"
    })
    void addressesThatMakeNoSenseAreNotUsed(String key, String value, String named) throws Exception {
        TwoEnds.Ended server = serverWith("-n 50", client -> {
            try (Rendezvous met = Rendezvous.join(client)) {
                Map<String, String> facts = new TreeMap<>(AddressFacts.ofSide(FakeClient.NOWHERE));
                facts.put(key, value);
                Map<String, String> unused = met.first.exchange(facts);
                unused = met.first.exchange(Map.of("lane.0", "1 2 3"));
            }
        });

        assertThat(server.failure())
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("nothing sensible about '" + named + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1 2", "-1 2 3", "1 99999999 3", "1 2 x", "1 2 3 4"})
    void lanesThatMakeNoSenseAreNotUsed(String lane) throws Exception {
        TwoEnds.Ended server = serverWith("-n 50", client -> {
            try (Rendezvous met = Rendezvous.join(client)) {
                Map<String, String> unused = met.first.exchange(AddressFacts.ofSide(FakeClient.NOWHERE));
                unused = met.first.exchange(lane.isEmpty() ? Map.of() : Map.of("lane.0", lane));
            }
        });

        assertThat(server.failure())
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("nothing sensible about 'lane.0'");
    }

    @Test
    void whoeverIsNoClientIsNotedAndTheClientIsServed() throws Exception {
        TwoEnds.Ended server = serverWith("-n 50", settings -> {
            try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), settings.controlPort)) {
                stranger.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(stranger.getInputStream().readAllBytes()).isNotEmpty();
            } catch (IOException e) {
                // it was shown the door
            }
            TwoEnds.Ended client =
                    new TwoEnds.EndRun(TestKind.SEND_LAT, "-p " + settings.controlPort + " 127.0.0.1 -n 50").run();
            assertThat(client.failure()).isNull();
        });

        assertThat(server.failure()).isNull();
        assertThat(server.notes()).contains("was no client");
    }

    @Test
    void aSecondConnectionFromSomebodyElseIsNotTheClients() throws Exception {
        TwoEnds.Ended server = serverWith("-n 50", settings -> {
            Map<String, String> terms = Terms.of(settings, End.CLIENT);
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.controlPort);
            var options = PeerExchangeOptions.DEFAULT;
            try (PeerExchange first = PeerExchange.connect(address, options)) {
                String token = first.exchange(terms).get("token");
                try (PeerExchange thief = PeerExchange.connect(address, options)) {
                    Map<String, String> unused = thief.exchange(Map.of("token", "guessed"));
                }
                try (PeerExchange second = PeerExchange.connect(address, options)) {
                    Map<String, String> unused = second.exchange(Map.of("token", token));
                    unused = first.exchange(Map.of("failed", "it was me"));
                }
            }
        });

        assertThat(server.failure()).hasMessage("the other end has failed: it was me");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SEND_LAT -D 30 -f 0",
                "SEND_LAT -D 30 -f 0 -e",
                "READ_LAT -D 30 -f 0",
                "SEND_BW -D 30 -f 0 -s 64",
                "WRITE_BW -D 30 -f 0 -b -s 64"
            })
    void anEndThatIsToldToEndReportsWhatThereIsAndSoDoesTheOther(String line) throws Exception {
        for (boolean atServer : new boolean[] {true, false}) {
            TestKind kind = TestKind.valueOf(line.substring(0, line.indexOf(' ')));
            String options = line.substring(line.indexOf(' '));
            int port = TwoEnds.freePort();
            TwoEnds.EndRun server = new TwoEnds.EndRun(kind, "-p " + port + options);
            TwoEnds.EndRun client = new TwoEnds.EndRun(kind, "-p " + port + " 127.0.0.1" + options);
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                Future<TwoEnds.Ended> ofServer = threads.submit(server::run);
                Future<TwoEnds.Ended> ofClient = threads.submit(client::run);
                client.awaitPhase(2); // the first warms up
                (atServer ? server : client).interruption.interrupt();
                for (Future<TwoEnds.Ended> end : List.of(ofServer, ofClient)) {
                    TwoEnds.Ended ended = end.get(20, TimeUnit.SECONDS);
                    assertThat(ended.failure()).isNull();
                    boolean here = atServer == (end == ofServer);
                    assertThat(ended.interruption()).isEqualTo(here ? "interrupted" : "interrupted at the other end");
                    assertThat(ended.out()).contains("the run was interrupted");
                    if (kind != TestKind.READ_LAT || end == ofClient) {
                        assertThat(ended.out()).contains("the last row holds what was measured up to then");
                    }
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }
}
