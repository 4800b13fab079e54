package org.rddma.perftest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rddma.verbs.conformance.Deadline;

/** Ping-pongs whose other end is a socket of the test: what the C programs say, and what they never would. */
@Timeout(60)
class PingPongPeerTest {
    private static final String PEER = "0000:000123:abcdef:00000000000000000000ffff0a090002\0";

    private final AtomicReference<Cli> cli = new AtomicReference<>();

    private Deadline.Running start(String line, int port) {
        return Deadline.start("ping-pong", () -> cli.set(Cli.run(PingPongDuo.arguments(line, port))));
    }

    /** Connects to our server, as soon as it listens. */
    private static Socket connect(int port) {
        AtomicReference<Socket> socket = new AtomicReference<>();
        Deadline.await("the server listens", PingPongDuo.PATIENCE, () -> {
            try {
                socket.set(new Socket(InetAddress.getLoopbackAddress(), port));
            } catch (ConnectException e) {
                return false;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return true;
        });
        return socket.get();
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    private static String hear(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), US_ASCII);
    }

    @Test
    void aServerAnswersTheClientsFiftyTwoBytesWithItsOwnAndWaitsForDone() throws Throwable {
        int port = PingPongDuo.freePort();
        Deadline.Running server = start("uc_pingpong -e --timeout 3", port);
        try (Socket client = connect(port)) {
            say(client, PEER.substring(0, 20));
            say(client, PEER.substring(20));

            assertThat(hear(client, 52)).matches("0000:[0-9a-f]{6}:[0-9a-f]{6}:[0-9a-f]{32}\0");
            say(client, "done\0");
            assertThat(client.getInputStream().read())
                    .as("nothing follows, and it hangs up")
                    .isEqualTo(-1);
        }
        server.join(PingPongDuo.PATIENCE);
        assertThat(cli.get().out())
                .contains("  remote address: LID 0x0000, QPN 0x000123, PSN 0xabcdef, GID ::ffff:10.9.0.2\n");
        assertThat(cli.get().err()).contains("the peer is silent since 3 s, after 0 of 1000 messages");
        assertThat(cli.get().status()).isEqualTo(1);
    }

    @Test
    void aServerThatDoesNotHearDoneHasNoPeer() throws Throwable {
        int port = PingPongDuo.freePort();
        Deadline.Running server = start("rc_pingpong -e --timeout 5", port);
        try (Socket client = connect(port)) {
            say(client, PEER);
            hear(client, 52);
            say(client, "don");
        }
        server.join(PingPongDuo.PATIENCE);
        assertThat(cli.get().err()).contains("ended the exchange of addresses (it said 3 of 5 bytes)");
        assertThat(cli.get().status()).isEqualTo(1);
    }

    @Test
    void aClientSpeaksFirstAndSaysDoneWhenItHasTheServersAddress() throws Throwable {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Deadline.Running client = start("ud_pingpong -e --timeout 3 127.0.0.1", listener.getLocalPort());
            try (Socket server = listener.accept()) {
                assertThat(hear(server, 52)).matches("0000:[0-9a-f]{6}:[0-9a-f]{6}:[0-9a-f]{32}\0");
                say(server, PEER);

                assertThat(hear(server, 5)).isEqualTo("done\0");
                assertThat(server.getInputStream().read()).isEqualTo(-1);
            }
            client.join(PingPongDuo.PATIENCE);
            assertThat(cli.get().out()).contains("QPN 0x000123, PSN 0xabcdef, GID ::ffff:10.9.0.2\n");
        }
    }

    @Test
    void theSharedReceiveOneExchangesAlwaysTwoHundredAndFiftySixRecords() throws Throwable {
        int port = PingPongDuo.freePort();
        Deadline.Running server = start("srq_pingpong -q 2 -e --timeout 3", port);
        String none = "0000:000000:000000:" + "0".repeat(32) + "\0";
        String records = PEER + PEER.replace("123", "124") + none.repeat(100) + "\0".repeat(52 * 154);
        try (Socket client = connect(port)) {
            say(client, records);

            String answer = hear(client, 256 * 52);
            assertThat(answer.substring(2 * 52)).isEqualTo(none.repeat(254));
            assertThat(answer.substring(0, 104)).doesNotContain(none);
            say(client, "done\0");
        }
        server.join(PingPongDuo.PATIENCE);
        assertThat(cli.get().out()).contains("remote address: LID 0x0000, QPN 0x000124");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rc_pingpong | GET / HTTP/1.1\\r\\nHost: example.org\\r\\nAccept: everything at all | sent no address, but 'GET /",
                "rc_pingpong | 0000:000123:abcdef:00000000000000000000ffff0a09000z\\0 | sent no address",
                "rc_pingpong | 0000:000123:abcdef-00000000000000000000ffff0a090002\\0 | sent no address",
                "rc_pingpong | \\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0"
                        + " | the peer has 0 queue pairs, this end 1",
                "rc_pingpong | 0000:000123:abcdef:00000000000000000000000000000000\\0 | the peer sent no GID: start it with -g",
            })
    void whatIsNoAddressIsNotConnectedTo(String program, String said, String sentence) throws Throwable {
        int port = PingPongDuo.freePort();
        Deadline.Running server = start(program + " -e --timeout 5", port);
        try (Socket client = connect(port)) {
            say(client, said.translateEscapes());
            server.join(PingPongDuo.PATIENCE);
        }
        assertThat(cli.get().err()).contains(sentence);
        assertThat(cli.get().status()).isEqualTo(1);
    }

    @Test
    void aPeerWithAnotherNumberOfQueuePairsIsNamed() throws Throwable {
        PingPongDuo duo = PingPongDuo.run("srq_pingpong -q 2 -e", "srq_pingpong -q 3 -e");

        assertThat(duo.server().err()).contains("the peer has 3 queue pairs, this end 2: give both the same -q");
        assertThat(duo.server().status()).isEqualTo(1);
        assertThat(duo.client().err()).contains("ended the exchange of addresses");
        assertThat(duo.client().status()).isEqualTo(1);
    }

    @Test
    void aPeerThatHangsUpInTheMiddleIsNoticed() throws Throwable {
        int port = PingPongDuo.freePort();
        Deadline.Running server = start("rc_pingpong", port);
        try (Socket client = connect(port)) {
            say(client, "0000:");
        }
        server.join(PingPongDuo.PATIENCE);
        assertThat(cli.get().err()).contains("it said 5 of 52 bytes");
    }

    @Test
    void aPeerThatDripsIsNotWaitedForLongerThanTheTimeout() throws Throwable {
        int port = PingPongDuo.freePort();
        Deadline.Running server = start("srq_pingpong --timeout 1", port);
        try (Socket client = connect(port)) {
            Deadline.Running drip = Deadline.start("drip", () -> {
                try {
                    while (true) {
                        say(client, "\0");
                        LockSupport.parkNanos(100_000); // 256 records of them take longer than the timeout
                    }
                } catch (SocketException e) {
                    assertThat(e).isNotNull(); // it has hung up: that is what the test wants
                }
            });
            server.join(PingPongDuo.PATIENCE);
            drip.join();
        }
        assertThat(cli.get().err()).contains("it did not say all in time");
    }

    @Test
    void aServerThatWaitsIsWokenByAnInterrupt() throws Throwable {
        int port = PingPongDuo.freePort();
        Deadline.Running server = start("rc_pingpong", port);
        try (Socket client = connect(port)) {
            assertThat(client.isConnected()).isTrue();
            server.thread().interrupt();
            server.join(PingPongDuo.PATIENCE);
        }
        assertThat(cli.get().err()).contains("(interrupted)");
        assertThat(cli.get().status()).isEqualTo(1);
    }

    @Test
    void aHostThatDoesNotListenOrIsNotKnownIsSaid() throws Throwable {
        Cli refused = Cli.run(PingPongDuo.arguments("rc_pingpong 127.0.0.1", PingPongDuo.freePort()));
        Cli unknown = Cli.run(PingPongDuo.arguments("rc_pingpong no-such-host.invalid", 1));

        assertThat(refused.err()).contains("couldn't connect to 127.0.0.1:").contains("start the server first");
        assertThat(unknown.err()).contains("the host 'no-such-host.invalid' is not known here");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(unknown.status()).isEqualTo(1);
    }

    @Test
    void aTcpPortThatIsTakenIsSaid() throws Throwable {
        try (ServerSocket taken = new ServerSocket(0)) {
            Cli server = Cli.run(PingPongDuo.arguments("rc_pingpong", taken.getLocalPort()));

            assertThat(server.err()).contains("cannot listen on TCP port " + taken.getLocalPort());
            assertThat(server.status()).isEqualTo(1);
        }
    }
}
