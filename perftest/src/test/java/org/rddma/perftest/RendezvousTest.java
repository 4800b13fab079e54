package org.rddma.perftest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
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
    void strangersThatKeepComingDoNotHoldTheServerForEver() throws Throwable {
        Deadline.Running server = serve(FOR_EVER, Duration.ofSeconds(1));
        Queue<Socket> strangers = new ArrayDeque<>();
        try (PeerExchange first = PeerExchange.connect(address, PeerExchangeOptions.DEFAULT)) {
            assertThat(first.exchange(Terms.of(ofClient, End.CLIENT))).containsKey("token");
            Deadline.await("the server has had enough", () -> {
                come(strangers);
                return !server.isAlive();
            });
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
        assertThatThrownBy(server::join)
                .isInstanceOf(RunFailedException.class)
                .hasMessage("the client's second connection did not come within 1 s");
    }

    /** One more stranger; some are waiting at any time. */
    private void come(Queue<Socket> strangers) {
        try {
            Socket next = new Socket(address.getAddress(), port);
            strangers.add(next);
            next.getOutputStream().write(WRONG_TOKEN);
            if (strangers.size() > 10) {
                try (Socket oldest = strangers.remove()) {
                    while (oldest.getInputStream().read() >= 0) {
                        Thread.onSpinWait();
                    }
                }
            }
        } catch (IOException e) {
            // the server has hung up on it, or is gone
        }
    }
}
