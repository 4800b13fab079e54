package org.rddma.verbs.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rddma.verbs.Errno;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** What a peer that does not follow the protocol can do to an exchange: make it fail, and nothing else. */
@HangGuard(seconds = 30)
final class HostilePeerTest {
    private static final String EXCHANGE = "PeerExchange.exchange";
    private static final String HEAD = "verbs-exchange 1\nstep facts\n";

    private final PeerExchange.Listener listener =
            PeerExchange.listen(new InetSocketAddress("127.0.6.1", 0), PeerExchangeOptions.DEFAULT);
    private final Socket peer = connect();
    private final PeerExchange exchange = listener.accept();

    private Socket connect() {
        try {
            return new Socket(
                    listener.address().getAddress(), listener.address().getPort());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
        exchange.close();
        listener.close();
    }

    private void say(byte[] bytes) throws IOException {
        peer.getOutputStream().write(bytes);
    }

    @Test
    void theFormOfAMessageIsThis() throws IOException {
        say((HEAD + "its=1\nend\n").getBytes(UTF_8));

        assertThat(exchange.exchange(Map.of("own", "é"))).containsExactly(Map.entry("its", "1"));

        byte[] expected = (HEAD + "own=é\nend\n").getBytes(UTF_8);
        assertThat(peer.getInputStream().readNBytes(expected.length)).isEqualTo(expected);
    }

    @Test
    void aPeerThatIsAStepAheadIsHeardInItsTurn() throws IOException {
        say((HEAD + "a=1\nend\nverbs-exchange 1\nstep barrier x\nend\n" + HEAD + "b=2\nend\n").getBytes(UTF_8));

        assertThat(exchange.exchange(Map.of())).containsEntry("a", "1");
        exchange.barrier("x");
        assertThat(exchange.exchange(Map.of())).containsEntry("b", "2");
    }

    @Test
    void aMessageMayComeByteByByte() throws Throwable {
        Deadline.Running drip = Deadline.start("drip", () -> {
            for (byte each : (HEAD + "a=1\nend\n").getBytes(UTF_8)) {
                say(new byte[] {each});
                Thread.yield();
            }
        });

        assertThat(exchange.exchange(Map.of())).containsEntry("a", "1");
        drip.join();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET / HTTP/1.1 | does not speak this protocol",
                "SSH-2.0-OpenSSH_9.2\\n | does not speak this protocol",
                "\\001\\002 | does not speak this protocol",
                "verbs-exchange 2\\n | 'verbs-exchange 2', this end 'verbs-exchange 1'",
                "verbs-exchange 1\\nfacts\\n | a step that this end does not know",
                "verbs-exchange 1\\nstep dance\\n | a step that this end does not know",
                "verbs-exchange 1\\nstep facts\\nfact\\n | no fact",
                "verbs-exchange 1\\nstep facts\\n=x\\n | no fact",
                "verbs-exchange 1\\nstep facts\\na b=x\\n | no fact",
                "verbs-exchange 1\\nstep facts\\na=1\\na=2\\n | the fact 'a' twice",
                "verbs-exchange 1\\nstep facts\\na=\\007\\n | control characters",
                "verbs-exchange 1\\r\\n | control characters",
                "verbs-exchange 1\\nstep facts\\na=\\377\\n | not UTF-8",
                "verbs-exchange 1\\nstep barrier x\\nend\\n | is at 'barrier x', this end at 'facts'",
            })
    void whatIsNoMessageIsRefusedWithAReasonAndTheConnectionIsClosed(String said, String reason) throws IOException {
        say(said.translateEscapes().getBytes(ISO_8859_1));

        assertThat(refused(EXCHANGE, Errno.EPROTO, () -> exchange.exchange(Map.of())))
                .hasMessageContaining(reason);

        refused(EXCHANGE, Errno.EBADF, () -> exchange.exchange(Map.of()));
    }

    @Test
    void aLineWithoutEndIsCutOff() throws Throwable {
        Deadline.Running endless = endless(HEAD + "key=", "x".repeat(1000));

        assertThat(refused(EXCHANGE, Errno.EPROTO, () -> exchange.exchange(Map.of())))
                .hasMessageContaining("a line of more than 4096 bytes");
        endless.join();
    }

    @Test
    void factsWithoutEndAreCutOff() throws Throwable {
        StringBuilder facts = new StringBuilder();
        for (int i = 0; i < 1100; i++) {
            facts.append('k').append(i).append("=\n");
        }
        say((HEAD + facts).getBytes(UTF_8));

        assertThat(refused(EXCHANGE, Errno.EPROTO, () -> exchange.exchange(Map.of())))
                .hasMessageContaining("more than 1024 facts");
    }

    @Test
    void bytesWithoutEndAreCutOff() throws Throwable {
        StringBuilder facts = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            facts.append('k').append(i).append('=').append("x".repeat(4000)).append('\n');
        }
        Deadline.Running endless = endless(HEAD, facts.toString());

        assertThat(refused(EXCHANGE, Errno.EPROTO, () -> exchange.exchange(Map.of())))
                .hasMessageContaining("more than 65536 bytes");
        endless.join();
    }

    /** Says something again and again, until nobody listens any more. */
    private Deadline.Running endless(String first, String again) {
        return Deadline.start("endless", () -> {
            try {
                say(first.getBytes(UTF_8));
                while (true) {
                    say(again.getBytes(UTF_8));
                }
            } catch (SocketException e) {
                assertThat(e).isNotNull(); // the other end has hung up: that is what the test wants
            }
        });
    }

    @Test
    void aPeerThatDripsIsNotWaitedForLongerThanTheTimeout() throws Throwable {
        Duration timeout = Duration.ofMillis(300);
        PeerExchangeOptions options = PeerExchangeOptions.DEFAULT.withTimeout(timeout);
        try (PeerExchange.Listener impatient = PeerExchange.listen(new InetSocketAddress("127.0.6.1", 0), options);
                Socket slow = new Socket(
                        impatient.address().getAddress(), impatient.address().getPort());
                PeerExchange waiting = impatient.accept()) {
            slow.getOutputStream().write((HEAD + "key=").getBytes(UTF_8));
            AtomicBoolean over = new AtomicBoolean();
            Deadline.Running drip = Deadline.start("drip", () -> {
                while (!over.get()) {
                    slow.getOutputStream().write('x');
                    LockSupport.parkNanos(1_000_000); // a line of 4096 of them takes longer than the timeout
                }
            });
            long start = System.nanoTime();
            try {
                refused(EXCHANGE, Errno.ETIMEDOUT, () -> waiting.exchange(Map.of()));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(timeout.multipliedBy(20));
            } finally {
                over.set(true);
            }
            Deadline.await("nothing drips any more", () -> !drip.isAlive());
        }
    }

    @Test
    void aPeerThatEndsInTheMiddleIsNoticed() throws IOException {
        say("verbs-exchange 1\nstep fa".getBytes(UTF_8));
        peer.shutdownOutput();

        assertThat(refused(EXCHANGE, Errno.ECONNRESET, () -> exchange.exchange(Map.of())))
                .hasMessageContaining("in the middle of its message");
    }

    @Test
    void aPeerThatResetsTheConnectionIsNoticed() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();

        refused(EXCHANGE, Errno.ECONNRESET, () -> exchange.exchange(Map.of()));
    }

    @Test
    void aBadPeerLeavesTheListenerFit() throws Throwable {
        say("garbage".getBytes(UTF_8));
        refused(EXCHANGE, Errno.EPROTO, () -> exchange.exchange(Map.of()));

        try (PeerExchange good = PeerExchange.connect(listener.address(), PeerExchangeOptions.DEFAULT);
                PeerExchange accepted = listener.accept()) {
            Deadline.Running both = Deadline.start("good", () -> good.barrier("x"));
            accepted.barrier("x");
            both.join();
        }
    }
}
