package org.rddma.perftest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.app.PeerExchange;
import org.rddma.verbs.app.PeerExchangeOptions;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Strangers at a server's port, which say nothing or too much: the client is heard, or the server says why not. */
@HangGuard(seconds = 60)
class RendezvousTest {
    private static final Duration FOR_EVER = Duration.ofHours(1);
    private static final String LATE = "the client's second connection did not come within 1 s";
    private static final byte[] WRONG_TOKEN = "verbs-exchange 1\nstep facts\ntoken=guessed\nend\n".getBytes(UTF_8);

    private final int port = TwoEnds.freePort();
    private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    private final Settings ofClient = TwoEnds.settings(TestKind.SEND_LAT, "-p " + port + " 127.0.0.1");
    private final Queue<String> notes = new ConcurrentLinkedQueue<>();

    /** A server that waits, and ends when it has met a client. */
    private Deadline.Running serve(Duration greeting, Duration step) throws InterruptedException {
        Settings settings = TwoEnds.settings(TestKind.SEND_LAT, "-p " + port);
        CountDownLatch waiting = new CountDownLatch(1);
        Deadline.Running server = Deadline.start("server", () -> {
            try (Rendezvous met = Rendezvous.serve(settings, waiting::countDown, notes::add, greeting, step)) {
                met.meet();
            }
        });
        assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
        return server;
    }

    private Socket stranger() {
        try {
            return new Socket(address.getAddress(), port);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoSaysNothingDoesNotHoldTheServer() throws Throwable {
        Deadline.Running server = serve(Duration.ofSeconds(1), FOR_EVER);
        try (Socket stranger = stranger()) {
            try (Rendezvous met = Rendezvous.join(ofClient)) {
                met.meet();
            }
            server.join();

            assertThat(stranger.getInputStream().readAllBytes())
                    .as("said before it hung up")
                    .isNotEmpty();
        }
        assertThat(notes).singleElement().asString().contains("was no client", "did not speak within 1000 ms");
    }

    @Test
    void whoSaysNothingDoesNotKeepTheClientsSecondConnectionWaiting() throws Throwable {
        Deadline.Running server = serve(Duration.ofSeconds(1), FOR_EVER);
        PeerExchangeOptions options = PeerExchangeOptions.DEFAULT;
        try (PeerExchange first = PeerExchange.connect(address, options)) {
            String token = first.exchange(Terms.of(ofClient, End.CLIENT)).get("token");
            try (Socket stranger = stranger();
                    PeerExchange second = PeerExchange.connect(address, options)) {
                Map<String, String> unused = second.exchange(Map.of("token", token));
                unused = first.exchange(Map.of());
                server.join();

                assertThat(stranger.getInputStream().readAllBytes()).isNotEmpty();
            }
        }
        assertThat(notes).isEmpty();
    }

    /** A client is not a stranger because its device takes long to open. */
    @Test
    void whoHasSpokenMayTakeItsTimeForTheNextStep() throws Throwable {
        Duration greeting = Duration.ofMillis(500);
        Deadline.Running server = serve(greeting, FOR_EVER);
        try (Rendezvous met = Rendezvous.join(ofClient)) {
            long start = System.nanoTime();
            Deadline.await("twice the time for a greeting", () -> System.nanoTime() - start > 2 * greeting.toNanos());
            met.meet();
        }
        server.join();
        assertThat(notes).isEmpty();
    }

    @Test
    void aClientWhoseSecondConnectionDoesNotComeIsNotWaitedForForEver() throws Throwable {
        Deadline.Running server = serve(FOR_EVER, Duration.ofSeconds(1));
        try (PeerExchange first = PeerExchange.connect(address, PeerExchangeOptions.DEFAULT)) {
            assertThat(first.exchange(Terms.of(ofClient, End.CLIENT))).containsKey("token");

            assertThatThrownBy(server::join)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessage(LATE);
        }
    }

    /** The first holds the server until the client's time is over; there is no more of it for the next. */
    @Test
    void strangersThatKeepComingDoNotHoldTheServerForEver() throws Throwable {
        Deadline.Running server = serve(FOR_EVER, Duration.ofSeconds(1));
        try (PeerExchange first = PeerExchange.connect(address, PeerExchangeOptions.DEFAULT)) {
            assertThat(first.exchange(Terms.of(ofClient, End.CLIENT))).containsKey("token");
            try (Socket silent = stranger();
                    Socket next = stranger()) {
                next.getOutputStream().write(WRONG_TOKEN);

                assertThatThrownBy(server::join)
                        .isInstanceOf(RunFailedException.class)
                        .hasMessage(LATE);
                assertThat(silent.isConnected()).isTrue();
                assertThat(isAnswered(next)).isFalse();
            }
        }
    }

    private static boolean isAnswered(Socket stranger) {
        try {
            return stranger.getInputStream().read() >= 0;
        } catch (IOException e) {
            return false; // it was never accepted
        }
    }
}
