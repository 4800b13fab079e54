package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Two ends of the exchange, both as they should be. */
@HangGuard(seconds = 30)
final class PeerExchangeTest {
    private static final String EXCHANGE = "PeerExchange.exchange";
    private static final String BARRIER = "PeerExchange.barrier";
    private static final Duration SHORT = Duration.ofMillis(200);

    private final PeerExchange.Listener listener =
            PeerExchange.listen(new InetSocketAddress("127.0.6.1", 0), PeerExchangeOptions.DEFAULT);
    private final PeerExchange client = PeerExchange.connect(listener.address(), PeerExchangeOptions.DEFAULT);
    private final PeerExchange server = listener.accept();

    @AfterEach
    void close() {
        client.close();
        server.close();
        listener.close();
    }

    private static Deadline.Running start(Deadline.Body body) {
        return Deadline.start("peer", body);
    }

    @Test
    void eachEndLearnsWhatTheOtherSaysInItsOrder() throws Throwable {
        Map<String, String> said = new LinkedHashMap<>();
        said.put("size", "4096");
        said.put("name", "= é = ");
        said.put("empty", "");
        Deadline.Running peer =
                start(() -> assertThat(server.exchange(said)).containsExactly(Map.entry("mtu", "1024")));

        Map<String, String> heard = client.exchange(Map.of("mtu", "1024"));

        assertThat(List.copyOf(heard.entrySet())).isEqualTo(List.copyOf(said.entrySet()));
        peer.join();
    }

    @Test
    void stepsFollowEachOtherForAsLongAsBothEndsWant() throws Throwable {
        Deadline.Running peer = start(() -> {
            for (int i = 0; i < 500; i++) {
                assertThat(server.exchange(Map.of("i", "s" + i))).containsEntry("i", "c" + i);
                server.barrier("round " + i);
            }
        });

        for (int i = 0; i < 500; i++) {
            assertThat(client.exchange(Map.of("i", "c" + i))).containsEntry("i", "s" + i);
            client.barrier("round " + i);
        }
        peer.join();
    }

    @Test
    void noEndPassesABarrierBeforeTheOtherHasReachedIt() throws Throwable {
        AtomicBoolean reached = new AtomicBoolean();
        Deadline.Running peer = start(() -> {
            client.barrier("ready");
            assertThat(reached).as("whether the other was there").isTrue();
        });
        Deadline.await("the first is in its step", client::isBusy);

        reached.set(true);
        server.barrier("ready");

        peer.join();
    }

    @Test
    void asMuchAsIsAllowedGoesBothWaysAtOnce() throws Throwable {
        Map<String, String> much = new LinkedHashMap<>();
        for (int i = 0; i < 15; i++) {
            much.put("key" + i, "x".repeat(4000));
        }
        Deadline.Running peer = start(() -> assertThat(server.exchange(much)).isEqualTo(much));

        assertThat(client.exchange(much)).isEqualTo(much);
        peer.join();
    }

    @Test
    void programsThatAreNotAtTheSamePlaceAreToldWhereBothAre() throws Throwable {
        Deadline.Running peer = start(() -> assertThat(refused(BARRIER, Errno.EPROTO, () -> server.barrier("second")))
                .hasMessageContaining("'barrier first'"));

        assertThat(refused(BARRIER, Errno.EPROTO, () -> client.barrier("first")))
                .hasMessageContaining("'barrier first'")
                .hasMessageContaining("'barrier second'");
        peer.join();
    }

    @Test
    void anExchangeThatMeetsABarrierIsRefusedAtBothEnds() throws Throwable {
        Deadline.Running peer = start(() -> refused(BARRIER, Errno.EPROTO, () -> server.barrier("here")));

        refused(EXCHANGE, Errno.EPROTO, () -> client.exchange(Map.of()));
        peer.join();
    }

    @Test
    void whatCannotBeSentIsRefusedBeforeAnythingIsAndTheConnectionStays() throws Throwable {
        Map<String, String> many = new LinkedHashMap<>();
        Map<String, String> large = new LinkedHashMap<>();
        Map<String, String> nothing = new LinkedHashMap<>();
        for (int i = 0; i <= 1024; i++) {
            many.put("k" + i, "");
        }
        for (int i = 0; i < 17; i++) {
            large.put("k" + i, "x".repeat(4000));
        }
        nothing.put("key", null);
        for (Map<String, String> facts : List.of(
                many,
                large,
                nothing,
                Map.of("", "x"),
                Map.of("a b", "x"),
                Map.of("k".repeat(65), "x"),
                Map.of("key", "two\nlines"),
                Map.of("key", "nul\0"),
                Map.of("key", "\ud800"),
                Map.of("key", "x".repeat(4093)))) {
            refused(EXCHANGE, Errno.EINVAL, () -> client.exchange(facts));
        }
        refused(EXCHANGE, Errno.EINVAL, () -> client.exchange((Map<String, String>) null));
        refused(EXCHANGE, Errno.EINVAL, () -> client.exchange((RemoteEndpoint) null));
        refused(BARRIER, Errno.EINVAL, () -> client.barrier(null));
        refused(BARRIER, Errno.EINVAL, () -> client.barrier("two\nlines"));
        refused(BARRIER, Errno.EINVAL, () -> client.barrier("x".repeat(257)));

        Deadline.Running peer =
                start(() -> assertThat(server.exchange(Map.of())).hasSize(1));
        client.exchange(Map.of("key", "x".repeat(4092)));
        peer.join();
    }

    @Test
    void endpointsAreExchangedWithTheirMemory() throws Throwable {
        RemoteEndpoint own = new RemoteEndpoint(
                QueuePairType.UC,
                new Endpoint(new Gid(0xFE80_0000_0000_0000L, -1), 0xFFFFFF, 0xABCDEF),
                Mtu.MTU_2048,
                0,
                16,
                List.of(new RemoteMemory(-1, Integer.MAX_VALUE, -1), new RemoteMemory(0, 0, 0)));
        Deadline.Running peer = start(() -> assertThat(server.exchange(own)).isEqualTo(own));

        assertThat(client.exchange(own)).isEqualTo(own);
        peer.join();
    }

    @Test
    void anEndpointThatMeetsOtherFactsSaysWhatIsMissingAndEndsTheConnection() throws Throwable {
        RemoteEndpoint own =
                new RemoteEndpoint(QueuePairType.RC, new Endpoint(Gid.ZERO, 1, 1), Mtu.MTU_256, 1, 1, List.of());
        Deadline.Running peer = start(() -> {
            server.exchange(Map.of("type", "RC"));
            refused(BARRIER, Errno.ECONNRESET, () -> server.barrier("next"));
        });

        assertThat(refused(EXCHANGE, Errno.EPROTO, () -> client.exchange(own))).hasMessageContaining("'gid-prefix'");
        peer.join();
    }

    @Test
    void aSilentPeerCostsTheTimeoutAndTheConnectionIsClosedThen() {
        try (PeerExchange impatient =
                PeerExchange.connect(listener.address(), PeerExchangeOptions.DEFAULT.withTimeout(SHORT))) {
            long start = System.nanoTime();

            assertThat(refused(BARRIER, Errno.ETIMEDOUT, () -> impatient.barrier("here")))
                    .hasMessageContaining("'barrier here'");

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, SHORT.multipliedBy(20));
            refused(BARRIER, Errno.EBADF, () -> impatient.barrier("here"));
        }
    }

    @Test
    void anInterruptEndsAStepAndStaysSet() throws Throwable {
        Deadline.Running waiting = start(() -> {
            refused(EXCHANGE, Errno.EINTR, () -> client.exchange(Map.of()));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        waiting.thread().interrupt();

        waiting.join();
        refused(BARRIER, Errno.EBADF, () -> client.barrier("here"));
    }

    @Test
    void closingWakesTheThreadThatWaits() throws Throwable {
        AtomicReference<VerbsException> failure = new AtomicReference<>();
        Deadline.Running waiting =
                start(() -> failure.set(catchThrowableOfType(VerbsException.class, () -> client.barrier("here"))));
        Deadline.await("the client waits", client::isBusy);

        client.close();

        waiting.join();
        assertThat(failure.get().errno()).isEqualTo(Errno.ECANCELED);
        client.close();
        refused(BARRIER, Errno.EBADF, () -> client.barrier("here"));
    }

    @Test
    void aSecondThreadIsRefusedWhileOneIsInAStep() throws Throwable {
        Deadline.Running first = start(() -> client.barrier("here"));
        Deadline.await("the first is in its step", client::isBusy);

        refused(EXCHANGE, Errno.EBUSY, () -> client.exchange(Map.of()));

        server.barrier("here");
        first.join();
    }

    @Test
    void whoEndsLeavesThePeerNotWaiting() {
        client.close();

        assertThat(refused(BARRIER, Errno.ECONNRESET, () -> server.barrier("here")))
                .hasMessageContaining("before its message");
    }

    @Test
    void eachSideMayBeStartedFirst() throws Throwable {
        InetSocketAddress address;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.6.1"))) {
            address = (InetSocketAddress) free.getLocalSocketAddress();
        }
        Deadline.Running early = start(() -> {
            try (PeerExchange exchange = PeerExchange.connect(address, PeerExchangeOptions.DEFAULT)) {
                exchange.barrier("both");
            }
        });
        Deadline.await(
                "the client sleeps between two tries", () -> early.thread().getState() == Thread.State.TIMED_WAITING);
        try (PeerExchange.Listener late = PeerExchange.listen(address, PeerExchangeOptions.DEFAULT);
                PeerExchange accepted = late.accept(Duration.ofSeconds(20))) {
            accepted.barrier("both");
        }
        early.join();
    }

    @Test
    void whereNobodyListensConnectingEndsWithTheTimeout() throws Exception {
        InetSocketAddress address;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.6.1"))) {
            address = (InetSocketAddress) free.getLocalSocketAddress();
        }
        assertThat(refused(
                        "PeerExchange.connect",
                        Errno.ECONNREFUSED,
                        () -> PeerExchange.connect(address, PeerExchangeOptions.DEFAULT.withTimeout(SHORT))))
                .hasMessageContaining("start the peer");
    }

    @Test
    void connectingIsInterrupted() throws Throwable {
        InetSocketAddress address;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.6.1"))) {
            address = (InetSocketAddress) free.getLocalSocketAddress();
        }
        Deadline.Running waiting = start(() -> refused(
                "PeerExchange.connect", Errno.EINTR, () -> PeerExchange.connect(address, PeerExchangeOptions.DEFAULT)));
        waiting.thread().interrupt();
        waiting.join();
    }

    @Test
    void addressesThatCannotBeAreNamed() {
        InetSocketAddress taken = listener.address();
        PeerExchangeOptions options = PeerExchangeOptions.DEFAULT.withTimeout(SHORT);
        String listen = "PeerExchange.listen";
        String connect = "PeerExchange.connect";
        refused(listen, Errno.EADDRINUSE, () -> PeerExchange.listen(taken, options));
        refused(listen, Errno.EADDRNOTAVAIL, () -> PeerExchange.listen(new InetSocketAddress("192.0.2.1", 0), options));
        InetSocketAddress unknown = InetSocketAddress.createUnresolved("no-such-host.invalid", 1);
        assertThat(refused(connect, Errno.EINVAL, () -> PeerExchange.connect(unknown, options)))
                .hasMessageContaining("no-such-host.invalid");
        refused(listen, Errno.EINVAL, () -> PeerExchange.listen(unknown, options));
        refused(listen, Errno.EINVAL, () -> PeerExchange.listen(null, options));
        refused(connect, Errno.EINVAL, () -> PeerExchange.connect(taken, null));
    }

    @Test
    void acceptEndsWithItsTimeAnInterruptOrAClose() throws Throwable {
        String accept = "PeerExchange.accept";
        refused(accept, Errno.ETIMEDOUT, () -> listener.accept(SHORT));
        refused(accept, Errno.ETIMEDOUT, () -> listener.accept(Duration.ofSeconds(Long.MIN_VALUE)));
        refused(accept, Errno.EINVAL, () -> listener.accept(null));
        Duration ever = ChronoUnit.FOREVER.getDuration(); // more nanoseconds than there are numbers
        for (ThrowingCallable waiting : List.<ThrowingCallable>of(listener::accept, () -> listener.accept(ever))) {
            Deadline.Running interrupted = start(() -> refused(accept, Errno.EINTR, waiting));
            interrupted.thread().interrupt();
            interrupted.join();
        }
        AtomicReference<VerbsException> failure = new AtomicReference<>();
        Deadline.Running closed =
                start(() -> failure.set(catchThrowableOfType(VerbsException.class, listener::accept)));
        Deadline.await("somebody waits", listener::isBusy);

        listener.close();

        closed.join();
        assertThat(failure.get().errno()).isEqualTo(Errno.ECANCELED);
        refused(accept, Errno.EBADF, listener::accept);
    }
}
