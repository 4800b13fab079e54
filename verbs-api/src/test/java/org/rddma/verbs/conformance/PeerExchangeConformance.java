package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.PeerExchange;
import org.rddma.verbs.app.PeerExchangeOptions;
import org.rddma.verbs.app.RemoteEndpoint;

/** Two programs that connect queue pairs over {@link PeerExchange}; here they are two threads. */
public abstract class PeerExchangeConformance extends DeviceConformance {
    private static final String CONNECT = "PeerExchange.connect";
    private static final int LENGTH = 5000;

    private PeerExchange.Listener listen() {
        return PeerExchange.listen(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), PeerExchangeOptions.DEFAULT);
    }

    private PeerExchange connect(PeerExchange.Listener listener) {
        return PeerExchange.connect(listener.address(), PeerExchangeOptions.DEFAULT);
    }

    private End other(QueuePairType type) {
        return new End(openOtherDevice(), new EndSpec().type(type));
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @DisplayName("two ends that connect over the exchange can send at once, to receives that were posted before")
    final void connected(QueuePairType type) throws Throwable {
        End a = new End(context, new EndSpec().type(type));
        End b = other(type);
        AtomicReference<RemoteEndpoint> seen = new AtomicReference<>();
        try (PeerExchange.Listener listener = listen()) {
            Deadline.Running server = Deadline.start("server", () -> {
                b.pair.modify(to(QueuePairState.INIT).pkeyIndex(0).port(1).accessFlags(End.ALL_RIGHTS));
                b.receive(1, LENGTH, LENGTH);
                try (PeerExchange exchange = listener.accept()) {
                    seen.set(exchange.connect(b.pair, b.memory));
                    exchange.barrier("sent");
                }
            });
            try (PeerExchange exchange = connect(listener)) {
                RemoteEndpoint remote = exchange.connect(a.pair, a.memory);
                assertThat(remote.endpoint().queuePair()).isEqualTo(b.pair.number());
                assertThat(remote.memory()).singleElement().satisfies(memory -> {
                    assertThat(memory.address()).isEqualTo(b.memory.address());
                    assertThat(memory.length()).isEqualTo(b.memory.length());
                    assertThat(memory.key()).isEqualTo(b.memory.rkey());
                });
                byte[] sent = a.fill(0, LENGTH, 7);
                a.post(a.request(2, 0, LENGTH).send());
                Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
                Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
                assertThat(b.bytes(LENGTH, LENGTH)).isEqualTo(sent);
                a.post(a.request(3, 0, LENGTH)
                        .write(
                                remote.memory().get(0).address(),
                                remote.memory().get(0).key()));
                Completions.success(a.sends, 3, WorkCompletionOpcode.RDMA_WRITE);
                exchange.barrier("sent");
            }
            server.join();
        }
        assertThat(a.pair.query().destinationQueuePair()).isEqualTo(b.pair.number());
        assertThat(b.pair.query().destinationQueuePair()).isEqualTo(a.pair.number());
        assertThat(seen.get().endpoint().queuePair()).isEqualTo(a.pair.number());
        assertThat(a.pair.query().pathMtu()).isEqualTo(b.pair.query().pathMtu());
        if (type == QueuePairType.RC) {
            assertThat(a.pair.query().maxReadAtomic())
                    .isLessThanOrEqualTo(b.pair.query().maxDestReadAtomic());
        }
    }

    @Test
    @Needs(Capability.DATAGRAM)
    @DisplayName("datagrams reach the queue pair that the exchange has told of")
    final void datagrams() throws Throwable {
        End a = new End(context, new EndSpec().type(QueuePairType.UD));
        End b = other(QueuePairType.UD);
        try (PeerExchange.Listener listener = listen()) {
            Deadline.Running server = Deadline.start("server", () -> {
                try (PeerExchange exchange = listener.accept()) {
                    exchange.connect(b.pair);
                    b.receive(1, 0, 1000);
                    exchange.barrier("posted");
                    exchange.barrier("sent");
                }
            });
            try (PeerExchange exchange = connect(listener)) {
                RemoteEndpoint remote = exchange.connect(a.pair);
                exchange.barrier("posted");
                try (AddressHandle handle = a.domain.createAddressHandle(
                        AddressVector.to(remote.endpoint().gid()))) {
                    byte[] sent = a.fill(0, 100, 3);
                    a.post(a.request(2, 0, 100)
                            .send()
                            .flags(SendFlags.SIGNALED)
                            .datagram(handle, remote.endpoint().queuePair(), Endpoint.QKEY));
                    Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
                    Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
                    assertThat(b.bytes(40, 100)).isEqualTo(sent);
                }
                exchange.barrier("sent");
            }
            server.join();
        }
    }

    @Test
    @Needs(Capability.UNRELIABLE_CONNECTION)
    @DisplayName("queue pairs of two types are not connected: both ends are told, and both stay in RESET")
    final void types() throws Throwable {
        End a = new End(context, new EndSpec().type(QueuePairType.RC));
        End b = other(QueuePairType.UC);
        try (PeerExchange.Listener listener = listen();
                PeerExchange client = connect(listener);
                PeerExchange server = listener.accept()) {
            Deadline.Running peer = Deadline.start(
                    "server", () -> Refusals.refused(CONNECT, Errno.EPROTO, () -> server.connect(b.pair)));

            assertThat(Refusals.refused(CONNECT, Errno.EPROTO, () -> client.connect(a.pair)))
                    .hasMessageContaining("RC")
                    .hasMessageContaining("UC");
            peer.join();
        }
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RESET);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RESET);
    }

    @Test
    @DisplayName("an end whose peer gives up in the middle is told so, and can begin anew from RESET")
    final void gaveUp() throws Throwable {
        End a = new End(context, new EndSpec());
        End b = other(QueuePairType.RC);
        try (PeerExchange.Listener listener = listen()) {
            Deadline.Running givesUp = Deadline.start("server", () -> {
                try (PeerExchange server = listener.accept()) {
                    server.exchange(RemoteEndpoint.of(b.pair, PeerExchangeOptions.DEFAULT));
                }
            });
            try (PeerExchange client = connect(listener)) {
                Refusals.refused(CONNECT, Errno.ECONNRESET, () -> client.connect(a.pair));
            }
            givesUp.join();
            a.pair.modify(to(QueuePairState.RESET));
            try (PeerExchange client = connect(listener);
                    PeerExchange server = listener.accept()) {
                Deadline.Running peer = Deadline.start("server", () -> server.connect(b.pair));
                client.connect(a.pair);
                peer.join();
            }
        }
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("what cannot be connected is refused before the peer hears of it")
    final void refusals() throws Throwable {
        End a = new End(context, new EndSpec());
        End done = self(new EndSpec());
        End b = other(QueuePairType.RC);
        try (PeerExchange.Listener listener = listen();
                PeerExchange client = connect(listener);
                PeerExchange server = listener.accept()) {
            Refusals.refused(CONNECT, Errno.EINVAL, () -> client.connect(done.pair));
            Refusals.refused("RemoteEndpoint.of", Errno.EINVAL, () -> client.connect(null));
            Refusals.refused("RemoteMemory.of", Errno.EINVAL, () -> client.connect(a.pair, a.memory, null));

            Deadline.Running peer = Deadline.start("server", () -> server.connect(b.pair));
            client.connect(a.pair);
            peer.join();
        }
    }

    @Test
    @Needs(Capability.RDMA_READ)
    @DisplayName("the smaller MTU and the smaller number of reads is what both ends use")
    final void smaller() throws Throwable {
        End a = new End(context, new EndSpec());
        try (PeerExchange.Listener listener = listen();
                PeerExchange client = connect(listener);
                PeerExchange server = listener.accept()) {
            RemoteEndpoint whole = RemoteEndpoint.of(a.pair, PeerExchangeOptions.DEFAULT);
            RemoteEndpoint small = new RemoteEndpoint(whole.type(), whole.endpoint(), Mtu.MTU_256, 1, 2, List.of());
            Deadline.Running peer = Deadline.start("server", () -> {
                server.exchange(small);
                server.barrier("connected");
            });
            client.connect(a.pair);
            peer.join();
        }
        QueuePairAttributes attributes = a.pair.query();
        assertThat(attributes.pathMtu()).isEqualTo(Mtu.MTU_256);
        assertThat(attributes.maxDestReadAtomic()).isEqualTo(1);
        assertThat(attributes.maxReadAtomic()).isEqualTo(2);
    }
}
