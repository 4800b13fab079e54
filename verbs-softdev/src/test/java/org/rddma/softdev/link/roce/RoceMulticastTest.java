package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Packets to a multicast group come to all ports that have joined it, and to no other. */
@HangGuard
class RoceMulticastTest {
    private static final Gid GROUP = new Gid(0, 0xFFFF_E900_0201L); // 233.0.2.1
    private static final Gid OTHER_GROUP = new Gid(0, 0xFFFF_E900_0202L);

    private static void sendToGroup(PortPeer from, Gid group, int psn) {
        TransmitBatch batch = from.port.lend();
        int start = batch.begin(Opcodes.UD | Opcodes.SEND_ONLY, false, PacketFormat.MULTICAST, psn, false);
        batch.memory().putLong(start + PacketFormat.BTH_BYTES, 0);
        batch.end(PacketFormat.BTH_BYTES + PacketFormat.DETH_BYTES, from.pathTo(group, 0, 1, 0xC000));
        from.port.giveBack(batch);
    }

    @Test
    void allMembersGetAPacketUntilTheyLeave() {
        try (PortPeer sender = new PortPeer("127.0.2.1");
                PortPeer first = new PortPeer("127.0.2.2");
                PortPeer second = new PortPeer("127.0.2.3")) {
            first.attach(GROUP);
            second.attach(GROUP);
            second.attach(OTHER_GROUP);
            sendToGroup(sender, GROUP, 1);
            Deadline.await("both members get it", () -> first.count() == 1 && second.count() == 1);
            assertThat(first.came().get(0).destination()).isEqualTo(GROUP);
            assertThat(first.came().get(0).source()).isEqualTo(sender.port.gid());
            sendToGroup(sender, OTHER_GROUP, 2);
            Deadline.await("one member gets it", () -> second.count() == 2);
            assertThat(second.came().get(1).destination()).isEqualTo(OTHER_GROUP);

            first.detach(GROUP);
            sendToGroup(sender, GROUP, 3);
            Deadline.await("the member that stays gets it", () -> second.count() == 3);
            sender.send(4, "to one", first);
            Deadline.await("the next packet comes", () -> first.count() == 2);
            assertThat(first.came().get(1).psn()).isEqualTo(4);
            assertThat(first.value(PacketCounter.RECEIVED_PACKETS)).isEqualTo(2);
        }
    }

    @Test
    void aGroupIsLeftAfterAsManyCallsAsItWasJoined() {
        try (PortPeer peer = new PortPeer("127.0.2.1")) {
            peer.attach(GROUP);
            peer.port.join(GROUP.high(), GROUP.low());
            peer.port.leave(GROUP.high(), GROUP.low());
            sendToGroup(peer, GROUP, 1);
            Deadline.await("it is a member still", () -> peer.count() == 1);
            peer.port.leave(GROUP.high(), GROUP.low());
            peer.port.leave(GROUP.high(), GROUP.low()); // once too often does no harm
            sendToGroup(peer, GROUP, 2);
            peer.send(3, "to one", peer);
            Deadline.await("the next packet comes", () -> peer.count() == 2);
            assertThat(peer.came().get(1).psn()).isEqualTo(3);
        }
    }

    @Test
    void aPacketThatNamesAQueuePairButWentToAGroupIsDropped() {
        try (PortPeer peer = new PortPeer("127.0.2.1")) {
            peer.attach(GROUP);
            peer.send(1, new byte[4], peer.pathTo(GROUP, 0, 0, 0xC000));
            Deadline.await("it is counted", () -> peer.value(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR) == 1);
            assertThat(peer.count()).isZero();
        }
    }

    @Test
    void groupsWorkWithIpv6() throws SocketException {
        try (PortPeer peer = new PortPeer(RoceSettings.of(addressThatReachesGroups()))) {
            Gid group = new Gid(0xFF01L << 48, 0x4791); // of this interface only
            peer.attach(group);
            sendToGroup(peer, group, 1);
            Deadline.await("it comes", () -> peer.count() == 1);
            assertThat(peer.came().get(0).destination()).isEqualTo(group);
        }
    }

    private static InetAddress addressThatReachesGroups() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .filter(RoceMulticastTest::reachesGroups)
                .flatMap(NetworkInterface::inetAddresses)
                .filter(Inet6Address.class::isInstance)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("no interface with IPv6 and multicast"));
    }

    private static boolean reachesGroups(NetworkInterface candidate) {
        try {
            return candidate.isUp() && !candidate.isLoopback() && candidate.supportsMulticast();
        } catch (SocketException e) {
            return false; // gone meanwhile
        }
    }

    @Test
    void whatIsNoGroupOfTheFamilyIsRefused() {
        try (PortPeer peer = new PortPeer("127.0.2.1")) {
            for (Gid wrong :
                    new Gid[] {Gid.ZERO, peer.port.gid(), new Gid(0xFF05L << 48, 1), new Gid(1, GROUP.low())}) {
                assertThatThrownBy(() -> peer.port.join(wrong.high(), wrong.low()))
                        .isInstanceOfSatisfying(
                                VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                        .hasMessageContaining("no group");
            }
        }
    }

    @Test
    void aClosedPortJoinsNothing() {
        PortPeer peer = new PortPeer("127.0.2.1");
        peer.attach(GROUP);
        peer.close();
        assertThatThrownBy(() -> peer.port.join(GROUP.high(), GROUP.low()))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        peer.detach(GROUP);
    }

    @Test
    void groupsLeaveNothingBehind() {
        new PortPeer("127.0.2.1").close(); // the first loads classes
        long before = PortPeer.descriptors();
        try (PortPeer peer = new PortPeer("127.0.2.1")) {
            long open = PortPeer.descriptors();
            peer.attach(OTHER_GROUP);
            for (int i = 0; i < 10; i++) {
                peer.attach(GROUP);
                peer.detach(GROUP);
            }
            Deadline.await("all sockets but one are closed", () -> PortPeer.descriptors() == open + 1);
        }
        assertThat(PortPeer.descriptors()).isEqualTo(before);
    }

    @Test
    void groupsAreLimited() {
        try (PortPeer peer = new PortPeer("127.0.2.1")) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i <= 256; i++) {
                            peer.port.join(0, OTHER_GROUP.low() + i);
                        }
                    })
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
            peer.port.leave(0, OTHER_GROUP.low());
            peer.attach(GROUP);
            sendToGroup(peer, GROUP, 1);
            Deadline.await("the last one works", () -> peer.count() == 1);
        }
    }
}
