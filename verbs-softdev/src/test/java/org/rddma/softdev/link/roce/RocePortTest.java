package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.softdev.link.roce.PortPeer.address;
import static org.rddma.softdev.link.roce.PortPeer.filled;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.softdev.link.roce.PortPeer.Came;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** What a port sends comes to another one, and nothing else does; and it can be closed at any time. */
@HangGuard
class RocePortTest {
    private static final String ONE = "127.0.2.1";
    private static final String OTHER = "127.0.2.2";

    @ParameterizedTest
    @CsvSource({"127.0.2.1,127.0.2.2", "127.0.2.1,127.0.2.1", "::1,::1"})
    void aPacketComesAsItWasSent(String from, String to) {
        Assumptions.assumeTrue(!from.equals("::1") || hasIpv6());
        try (PortPeer sender = new PortPeer(from)) {
            PortPeer receiver = from.equals(to) ? sender : new PortPeer(to);
            try (receiver) {
                sender.send(0xFFFFFE, "hello", receiver);
                Deadline.await("the packet comes", () -> receiver.count() == 1);
                Came came = receiver.came().get(0);
                assertThat(came.text()).isEqualTo("hello");
                assertThat(came.opcode()).isEqualTo(Opcodes.SEND_ONLY);
                assertThat(came.psn()).isEqualTo(0xFFFFFE);
                assertThat(came.asksForAck()).isTrue();
                assertThat(came.solicited()).isFalse();
                assertThat(came.source()).isEqualTo(sender.port.gid());
                assertThat(came.destination()).isEqualTo(receiver.port.gid());
                assertThat(came.hopLimit()).isEqualTo(64);
                assertThat(came.trafficClass()).isZero();
                assertThat(came.identification()).isZero();
                assertThat(sender.value(PacketCounter.SENT_PACKETS)).isEqualTo(1);
                assertThat(receiver.value(PacketCounter.RECEIVED_PACKETS)).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ONE, "::1"})
    void hopLimitAndTrafficClassAreThoseOfThePathAndCongestionIsSeen(String where) {
        Assumptions.assumeTrue(!where.equals("::1") || hasIpv6());
        try (PortPeer peer = new PortPeer(where)) {
            int congested = 0x2B;
            Gid gid = peer.port.gid();
            peer.send(1, new byte[0], peer.pathTo(gid, congested, 7, 0xC001));
            peer.send(2, new byte[0], peer.pathTo(gid, 0x28, 255, 0xC002));
            peer.send(3, new byte[0], peer.pathTo(gid, 0, 0, 0xFFFF));
            Deadline.await("the packets come", () -> peer.count() == 3);
            assertThat(peer.came()).anySatisfy(came -> {
                assertThat(came.psn()).isEqualTo(1);
                assertThat(came.trafficClass()).isEqualTo(congested);
                assertThat(came.hopLimit()).isEqualTo(7);
                assertThat(came.congested()).isTrue();
            });
            assertThat(peer.came()).anySatisfy(came -> {
                assertThat(came.psn()).isEqualTo(2);
                assertThat(came.trafficClass()).isEqualTo(0x28);
                assertThat(came.hopLimit()).isEqualTo(255);
                assertThat(came.congested()).isFalse();
            });
            assertThat(peer.came()).anySatisfy(came -> {
                assertThat(came.psn()).isEqualTo(3);
                assertThat(came.trafficClass()).isZero();
                assertThat(came.hopLimit()).isEqualTo(64);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 1023, 1024, 4095, 4096})
    void everyLengthComesWhole(int length) {
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            byte[] payload = new byte[length];
            for (int i = 0; i < length; i++) {
                payload[i] = (byte) (i * 7 + i / 256);
            }
            sender.send(5, filled(4096, 0xEE), sender.pathTo(receiver)); // so that the padding had other bytes before
            sender.send(5, payload, sender.pathTo(receiver));
            Deadline.await("the packets come", () -> receiver.count() == 2);
            assertThat(receiver.came().get(1).payload()).isEqualTo(payload);
            assertThat(receiver.came().get(1).padding()).isZero();
        }
    }

    @Test
    void aFullBatchLeavesInOrder() {
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            Path path = sender.pathTo(receiver);
            TransmitBatch batch = sender.port.lend();
            int sent = 0;
            while (!batch.isFull()) {
                PortPeer.put(batch, sent++, filled(100, sent), path);
                assertThat(batch.packets()).isEqualTo(sent);
            }
            batch.send();
            assertThat(batch.packets()).isZero();
            PortPeer.put(batch, sent++, filled(100, sent), path);
            sender.port.giveBack(batch);
            int all = sent;
            Deadline.await("the packets come", () -> receiver.count() == all);
            assertThat(receiver.came().stream().map(Came::psn))
                    .containsExactlyElementsOf(IntStream.range(0, all).boxed().toList());
        }
    }

    @Test
    void oneBatchServesSeveralPeersAndFlows() {
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer second = new PortPeer(OTHER);
                PortPeer third = new PortPeer("127.0.2.3")) {
            TransmitBatch batch = sender.port.lend();
            for (int psn = 0; psn < 12; psn++) {
                Gid to = (psn % 2 == 0 ? second : third).port.gid();
                PortPeer.put(batch, psn, filled(psn, psn), sender.pathTo(to, 0, 0, 0xC000 + psn / 2));
            }
            sender.port.giveBack(batch);
            Deadline.await("the packets come", () -> second.count() == 6 && third.count() == 6);
            assertThat(second.came().stream().map(Came::psn)).containsExactlyInAnyOrder(0, 2, 4, 6, 8, 10);
            assertThat(third.came().stream().map(Came::psn)).containsExactlyInAnyOrder(1, 3, 5, 7, 9, 11);
        }
    }

    @Test
    void answersLeaveAtTheEndOfTheRoundAndAGoOnIsCalledAgain() {
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            Path back = receiver.pathTo(sender);
            receiver.sink = new PacketSink() {
                private int left;

                @Override
                public void receive(ReceivedPacket packet, TransmitBatch answers) {
                    left = 5;
                }

                @Override
                public boolean endRound(TransmitBatch answers) {
                    PortPeer.put(answers, left, new byte[0], back);
                    return --left > 0;
                }
            };
            sender.send(1, "go", receiver);
            Deadline.await("the answers come", () -> sender.count() == 5);
            assertThat(sender.came().stream().map(Came::psn)).containsExactly(5, 4, 3, 2, 1);
        }
    }

    @Test
    void aSinkThatThrowsSilencesNobody() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        CountDownLatch thrown = new CountDownLatch(2);
        Thread.setDefaultUncaughtExceptionHandler((thread, exception) -> thrown.countDown());
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            receiver.sink = new PacketSink() {
                @Override
                public void receive(ReceivedPacket packet, TransmitBatch answers) {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public boolean endRound(TransmitBatch answers) {
                    throw new IllegalStateException("on purpose, too");
                }
            };
            sender.send(1, "bad", receiver);
            Deadline.await("both are reported", () -> thrown.getCount() == 0);
            receiver.sink = receiver;
            sender.send(2, "good", receiver);
            Deadline.await("the next packet comes", () -> receiver.count() == 1);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void whatIsNoPacketIsRefusedAndTheOthersInTheBatchStayWhole() {
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            Path path = sender.pathTo(receiver);
            TransmitBatch batch = sender.port.lend();
            PortPeer.put(batch, 1, filled(4096, 1), path);
            for (int wrong : new int[] {-1, 0, 11, 5000, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> batch.end(wrong, path)).isInstanceOf(IllegalArgumentException.class);
            }
            PortPeer.put(batch, 2, filled(4096, 2), path);
            while (!batch.isFull()) {
                PortPeer.put(batch, 3, new byte[0], path);
            }
            assertThatThrownBy(() -> PortPeer.put(batch, 4, new byte[0], path))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            sender.port.giveBack(batch);
            Deadline.await("the packets come", () -> receiver.count() == 32);
            assertThat(receiver.came().get(0).payload()).isEqualTo(filled(4096, 1));
            assertThat(receiver.came().get(1).payload()).isEqualTo(filled(4096, 2));
        }
    }

    @Test
    void anExceptionHandlerThatThrowsSilencesNobody() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        CountDownLatch thrown = new CountDownLatch(1);
        Thread.setDefaultUncaughtExceptionHandler((thread, exception) -> {
            thrown.countDown();
            throw new IllegalStateException("on purpose, and worse");
        });
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            receiver.sink = new PacketSink() {
                @Override
                public void receive(ReceivedPacket packet, TransmitBatch answers) {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public boolean endRound(TransmitBatch answers) {
                    return false;
                }
            };
            sender.send(1, "bad", receiver);
            Deadline.await("it is reported", () -> thrown.getCount() == 0);
            receiver.sink = receiver;
            sender.send(2, "good", receiver);
            Deadline.await("the next packet comes", () -> receiver.count() == 1);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    // ---- what is dropped

    @Test
    void wrongPacketsAreDroppedAndCounted() throws IOException {
        try (PortPeer receiver = new PortPeer(ONE);
                DatagramSocket wild = new DatagramSocket(new InetSocketAddress(address(OTHER), 0))) {
            send(wild, new byte[0]);
            send(wild, new byte[15]);
            send(wild, new byte[20_000]);
            byte[] packet = new byte[16];
            packet[PacketFormat.OPCODE] = Opcodes.SEND_ONLY;
            packet[PacketFormat.P_KEY] = -1;
            packet[PacketFormat.P_KEY + 1] = -1;
            packet[7] = PortPeer.NUMBER;
            send(wild, packet); // without the sum
            packet[PacketFormat.OPCODE] = 0x1F;
            send(wild, packet);
            packet[PacketFormat.OPCODE] = Opcodes.SEND_ONLY;
            packet[PacketFormat.P_KEY] = 0;
            send(wild, packet);
            Deadline.await("all came", () -> receiver.value(PacketCounter.RECEIVED_PACKETS) == 6);
            Deadline.await("the last is dropped", () -> receiver.value(PacketCounter.DROPPED_P_KEY) == 1);
            assertThat(receiver.value(PacketCounter.DROPPED_TRUNCATED)).isEqualTo(2);
            assertThat(receiver.value(PacketCounter.DROPPED_OVERSIZE)).isEqualTo(1);
            assertThat(receiver.value(PacketCounter.DROPPED_ICRC)).isEqualTo(1);
            assertThat(receiver.value(PacketCounter.DROPPED_MALFORMED)).isEqualTo(1);
            assertThat(receiver.count()).isZero();
        }
    }

    private static void send(DatagramSocket from, byte[] bytes) throws IOException {
        from.send(new DatagramPacket(bytes, bytes.length, address(ONE), PacketFormat.UDP_PORT));
    }

    @Test
    void whatTheSystemDropsIsCounted() {
        int packets = 500;
        PortPeer receiver = new PortPeer(RoceSettings.of(address(OTHER)).withReceiveBufferBytes(1 << 16));
        try (receiver;
                PortPeer sender = new PortPeer(ONE)) {
            CountDownLatch held = new CountDownLatch(1);
            receiver.sink = new PacketSink() {
                @Override
                public void receive(ReceivedPacket packet, TransmitBatch answers) {
                    Deadline.await("it may go on", () -> held.getCount() == 0);
                    receiver.receive(packet, answers);
                }

                @Override
                public boolean endRound(TransmitBatch answers) {
                    return false;
                }
            };
            assertThat(dropped(receiver)).isZero();
            for (int i = 0; i < packets; i++) {
                sender.send(i, filled(4096, 1), sender.pathTo(receiver));
            }
            assertThat(dropped(receiver)).isBetween(1L, packets - 1L);
            held.countDown();
            Deadline.await("the others come", () -> receiver.count() + dropped(receiver) == packets);
        }
        assertThat(receiver.count() + dropped(receiver)).isEqualTo(packets);
    }

    private static long dropped(PortPeer peer) {
        return peer.port.value(PacketCounter.DROPPED_BY_SYSTEM);
    }

    @Test
    void aPacketToNobodyIsCounted() {
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            receiver.sink = null;
            sender.send(1, "nobody", receiver);
            Deadline.await("it is counted", () -> receiver.value(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR) == 1);
        }
    }

    @Test
    void packetsThatCannotBeSentAreCountedAndTheOthersLeave() {
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(OTHER)) {
            TransmitBatch batch = sender.port.lend();
            Gid nowhere = new Gid(0, 0xFFFFL << 32 | 0xFFFFFFFFL); // nobody may broadcast without being asked
            Gid otherFamily = new Gid(0xFD00L << 48, 1);
            PortPeer.put(batch, 1, new byte[0], sender.pathTo(nowhere, 0, 0, 0xC000));
            PortPeer.put(batch, 2, new byte[0], sender.pathTo(otherFamily, 0, 0, 0xC000));
            PortPeer.put(batch, 3, new byte[0], sender.pathTo(receiver));
            sender.port.giveBack(batch);
            Deadline.await("the good one comes", () -> receiver.count() == 1);
            assertThat(sender.value(PacketCounter.SEND_ERRORS)).isEqualTo(2);
            assertThat(sender.value(PacketCounter.SENT_PACKETS)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, RoceSettings.ALWAYS})
    void packetsThatAreLateComeWhenNothingElseDoes(int spinMicros) {
        PacketFaults late = new PacketFaults(1, 0, 1, 1, PacketFaults.MAX_DELAY_PACKETS);
        RoceSettings settings =
                RoceSettings.of(address(OTHER)).withSpinMicros(spinMicros).withFaults(late);
        try (PortPeer sender = new PortPeer(ONE);
                PortPeer receiver = new PortPeer(settings)) {
            for (int psn = 0; psn < 10; psn++) {
                sender.send(psn, "late", receiver);
            }
            Deadline.await("each comes twice", () -> receiver.count() == 20);
            sender.send(10, "later", receiver);
            Deadline.await("the last one comes, too", () -> receiver.count() == 22);
        }
    }

    // ---- addresses

    @Test
    void anAddressThatIsTakenIsRefusedWithWhatToDo() {
        try (PortPeer first = new PortPeer(ONE)) {
            assertThatThrownBy(() -> new PortPeer(ONE).close())
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(98))
                    .hasMessageContaining("4791 of 127.0.2.1 is taken")
                    .hasMessageContaining("rdma_rxe");
            assertThat(first.port.gid()).hasToString("::ffff:127.0.2.1");
        }
    }

    @Test
    void anAddressOfAnotherHostIsRefused() {
        for (String elsewhere : List.of("198.51.100.1", "2001:db8::1", "fe80::77:77", "169.254.77.77")) {
            assertThatThrownBy(() -> new PortPeer(elsewhere).close())
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(99))
                    .hasMessageContaining("is not an address of this host");
            assertThatThrownBy(() -> RocePort.mtuOf(address(elsewhere)))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(99));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"})
    void whatIsNoAddressOfOneHostIsRefused(String text) {
        assertThatThrownBy(() -> new PortPeer(text).close())
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void aProcessorThatIsNotThereIsRefused() {
        RoceSettings settings = RoceSettings.of(address(ONE)).withReceiveCpu(1023);
        assertThatThrownBy(() -> new PortPeer(settings).close())
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("1023");
        new PortPeer(ONE).close(); // nothing is left of it
    }

    @Test
    void theMtuIsTheLargestThatFitsTheInterface() {
        assertThat(RocePort.mtuOf(address(ONE)).bytes()).isEqualTo(4096);
    }

    @Test
    void eachAddressOfAnInterfaceIsAPortsAndItsBroadcastIsNot() throws SocketException {
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            for (InterfaceAddress known : each.isUp() ? each.getInterfaceAddresses() : List.<InterfaceAddress>of()) {
                byte[] unscoped = known.getAddress().getAddress();
                if (Mtu.MTU_256.bytes() + 80 <= each.getMTU()) {
                    int mtu = RocePort.mtuOf(addressOf(unscoped)).bytes();
                    assertThat(mtu).isLessThanOrEqualTo(each.getMTU() - 80);
                    assertThat(mtu == 4096 || 2 * mtu > each.getMTU() - 80).isTrue();
                }
                if (known.getBroadcast() != null) {
                    RoceSettings settings = RoceSettings.of(known.getBroadcast());
                    assertThatThrownBy(() -> new PortPeer(settings).close())
                            .isInstanceOfSatisfying(
                                    VerbsException.class,
                                    e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
                }
            }
        }
    }

    private static InetAddress addressOf(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // what comes from an address is one
        }
    }

    @Test
    void theWindowGrowsWithTheBufferAndShrinksWithTheMtu() {
        try (PortPeer small = new PortPeer(RoceSettings.of(address(ONE)).withReceiveBufferBytes(1 << 16));
                PortPeer large = new PortPeer(RoceSettings.of(address(OTHER)).withReceiveBufferBytes(1 << 22))) {
            assertThat(small.port.window(4096)).isBetween(1, 4);
            assertThat(small.port.window(256)).isBetween(5, 64);
            assertThat(large.port.window(4096)).isBetween(64, 128);
        }
    }

    // ---- closing

    @Test
    void openingAndClosingLeavesNothing() {
        new PortPeer(ONE).close(); // the first loads classes
        long before = PortPeer.descriptors();
        for (int i = 0; i < 100; i++) {
            try (PortPeer peer = new PortPeer(ONE)) {
                peer.send(i, "to itself", peer);
                assertThat(peer.port.threads()).allMatch(Thread::isAlive);
            }
        }
        assertThat(PortPeer.descriptors()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, RoceSettings.ALWAYS})
    void aPortIsClosedWhileOthersSendAndReceive(int spinMicros) throws Throwable {
        for (int i = 0; i < 10; i++) {
            RoceSettings settings = RoceSettings.of(address(ONE)).withSpinMicros(spinMicros);
            PortPeer sender = new PortPeer(settings);
            try (PortPeer receiver = new PortPeer(OTHER)) {
                Deadline.Running traffic = Deadline.start("sender", () -> {
                    for (int psn = 0; sender.value(PacketCounter.SEND_ERRORS) == 0 && psn < 1_000_000; psn++) {
                        sender.send(psn, "x", receiver);
                        if (!sender.port.threads().get(0).isAlive()) {
                            return;
                        }
                    }
                });
                Deadline.await("traffic flows", () -> receiver.count() > 10);
                sender.close();
                traffic.join();
                assertThat(sender.port.threads()).noneMatch(Thread::isAlive);
                sender.send(1, "nothing happens", receiver);
            }
        }
    }

    @Test
    void aSinkMayCloseThePort() throws InterruptedException {
        PortPeer peer = new PortPeer(ONE);
        peer.sink = new PacketSink() {
            @Override
            public void receive(ReceivedPacket packet, TransmitBatch answers) {
                peer.close();
            }

            @Override
            public boolean endRound(TransmitBatch answers) {
                return false;
            }
        };
        peer.send(1, "close", peer);
        Thread receiver = peer.port.threads().get(0);
        receiver.join(Duration.ofSeconds(10).toMillis());
        assertThat(receiver.isAlive()).isFalse();
        peer.close();
        new PortPeer(ONE).close();
    }

    @Test
    void anInterruptedThreadClosesAndStaysInterrupted() {
        PortPeer peer = new PortPeer(ONE);
        Thread.currentThread().interrupt();
        peer.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(peer.port.threads()).noneMatch(Thread::isAlive);
    }

    private static boolean hasIpv6() {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address("::1"), 0))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
