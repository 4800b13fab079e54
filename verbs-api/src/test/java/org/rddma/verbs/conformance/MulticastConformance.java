package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.spi.RoutingHeader;

/** Datagrams to groups: verbs-semantics §2.2, §3. */
@Needs({Capability.MULTICAST, Capability.DATAGRAM})
public abstract class MulticastConformance extends DeviceConformance {
    private static final int GRH = 40;
    private static final int MULTICAST_QUEUE_PAIR = 0xFFFFFF;
    private static final long NUMBER = 0x0001_0002_0003_0004L;

    private Gid group;
    private Gid otherGroup;
    private End sender;

    @BeforeEach
    final void activate() {
        group = group(NUMBER);
        otherGroup = group(NUMBER + 1);
        sender = end();
    }

    private End end() {
        End end = new End(context, new EndSpec().type(QueuePairType.UD));
        new Wiring().activate(end.pair);
        return end;
    }

    private End member(Gid group) {
        End end = end();
        end.pair.attachMulticast(group, 0);
        return end;
    }

    private SendRequest request(Gid group, long id, int length) {
        AddressHandle way = sender.domain.createAddressHandle(AddressVector.to(group));
        return sender.request(id, 0, length).datagram(way, MULTICAST_QUEUE_PAIR, Wiring.QKEY);
    }

    private void send(SendRequest request) {
        sender.post(request);
        Completions.success(sender.sends, request.wrId(), WorkCompletionOpcode.SEND);
    }

    /** Sends one message, which this member gets, and gets once. */
    private void isReached(End member) {
        member.receive(1, 0, 200);
        byte[] sent = sender.fill(0, 100, 7);
        send(request(group, 2, 100));
        Completions.success(member.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(member.bytes(GRH, 100)).isEqualTo(sent);
        Completions.none(this, member.receives);
    }

    @Test
    @DisplayName("a group is all of its GID: groups that differ in few bits do not hear each other")
    final void similarGroups() {
        End[] members = new End[9];
        Gid[] groups = new Gid[members.length];
        for (int i = 0; i < members.length; i++) {
            long difference = i == 0 ? 0 : 1L << 6 * (i - 1);
            groups[i] = group(NUMBER ^ difference);
            members[i] = member(groups[i]);
            members[i].receive(i, 0, 200);
        }
        for (int i = 0; i < members.length; i++) {
            send(request(groups[i], i, 50 + i));
            WorkCompletion receive = Completions.success(members[i].receives, i, WorkCompletionOpcode.RECV);
            assertThat(receive.byteLength()).isEqualTo(GRH + 50 + i);
            members[i].receive(i, 0, 200);
        }
        for (End member : members) {
            Completions.none(this, member.receives);
        }
    }

    @Test
    @DisplayName("who has left a group gets nothing any more, and the others still do")
    final void leaving() {
        End[] members = {member(group), member(group), member(group)};
        for (int leaving = 0; leaving < members.length - 1; leaving++) {
            members[leaving].receive(9, 1024, 200);
            members[leaving].pair.detachMulticast(group, 0);
            isReached(members[members.length - 1]);
            Completions.none(this, members[leaving].receives);
        }
    }

    @Test
    @DisplayName("every member gets the message once, with the group as destination in the header; others get nothing")
    final void delivery() {
        End[] members = {member(group), member(group), member(group)};
        End[] others = {member(otherGroup), end()};
        for (End end : members) {
            end.receive(1, 0, 200);
            end.receive(2, 200, 200);
        }
        for (End end : others) {
            end.receive(1, 0, 200);
        }
        byte[] sent = sender.fill(0, 100, 1);
        send(request(group, 3, 100).sendWithImmediate(77));
        for (End end : members) {
            WorkCompletion receive = Completions.success(end.receives, 1, WorkCompletionOpcode.RECV);
            assertThat(receive.byteLength()).isEqualTo(GRH + 100);
            assertThat(receive.immediate()).isEqualTo(77);
            assertThat(receive.sourceQueuePair()).isEqualTo(sender.pair.number());
            assertThat(receive.queuePairNumber()).isEqualTo(end.pair.number());
            assertThat(receive.flags() & WorkCompletionFlags.GRH).isNotZero();
            assertThat(end.bytes(GRH, 100)).isEqualTo(sent);
            byte[] header = end.bytes(0, GRH);
            RoutingHeader way = RoutingHeader.parse("test", receive, ByteBuffer.wrap(header));
            assertThat(way.destination()).isEqualTo(group);
            assertThat(way.source()).isEqualTo(Wiring.gidOf(context));
            Completions.none(this, end.receives);
        }
        for (End end : others) {
            Completions.none(this, end.receives);
        }
    }

    @Test
    @DisplayName("a member on another device of the fabric gets it too")
    final void memberOnOtherDevice() {
        End far = new End(openOtherDevice(), new EndSpec().type(QueuePairType.UD));
        new Wiring().activate(far.pair);
        far.pair.attachMulticast(group, 0);
        isReached(far);
        far.pair.detachMulticast(group, 0);
    }

    @Test
    @DisplayName("attached twice is attached once: one copy, and one detach ends it")
    final void twice() {
        End member = member(group);
        member.pair.attachMulticast(group, 0);
        isReached(member);
        member.pair.detachMulticast(group, 0);
        member.receive(1, 0, 200);
        send(request(group, 2, 8));
        Completions.none(this, member.receives);
        refused("detachMulticast", Errno.EINVAL, () -> member.pair.detachMulticast(group, 0));
        member.pair.attachMulticast(group, 0);
        send(request(group, 2, 8));
        Completions.success(member.receives, 1, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("a queue pair may be in several groups")
    final void severalGroups() {
        End member = member(group);
        member.pair.attachMulticast(otherGroup, 0);
        member.receive(1, 0, 200);
        member.receive(2, 200, 200);
        send(request(otherGroup, 3, 8));
        send(request(group, 4, 8));
        Completions.success(member.receives, 1, WorkCompletionOpcode.RECV);
        Completions.success(member.receives, 2, WorkCompletionOpcode.RECV);
        member.pair.detachMulticast(group, 0);
        member.receive(5, 0, 200);
        send(request(group, 6, 8));
        Completions.none(this, member.receives);
        send(request(otherGroup, 7, 8));
        Completions.success(member.receives, 5, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§2.5 a wrong Q_Key, no receive, one that is too small: dropped for that member, the others get it")
    final void dropped() {
        End good = member(group);
        End empty = member(group);
        End small = member(group);
        byte[] before = small.fill(0, 200, 3);
        small.receive(1, 0, GRH + 7);
        good.receive(1, 0, 200);
        SendRequest wrong = request(group, 2, 8);
        send(wrong.datagram(wrong.addressHandle(), MULTICAST_QUEUE_PAIR, Wiring.QKEY + 1));
        Completions.none(this, good.receives);
        send(request(group, 3, 8));
        Completions.success(good.receives, 1, WorkCompletionOpcode.RECV);
        Completions.none(this, empty.receives);
        Completions.none(this, small.receives);
        assertThat(small.bytes(0, 200)).isEqualTo(before);
        assertThat(small.pair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(empty.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("a message to a group without members, and a member that does not listen: the sender succeeds")
    final void nobody() {
        send(request(group, 1, 8));
        End member = member(group);
        member.receive(1, 0, 200);
        member.pair.modify(to(QueuePairState.ERR));
        Completions.failure(member.receives, 1, org.rddma.verbs.WorkCompletionStatus.WR_FLUSH_ERR);
        send(request(group, 2, 8));
        Completions.none(this, member.receives);
    }

    @Test
    @DisplayName("other types of queue pair, GIDs that are no group's, none: refused (EINVAL)")
    final void refusals() {
        End member = member(group);
        QueuePair connected = new End(context, new EndSpec()).pair;
        for (Gid wrong : new Gid[] {null, Gid.ZERO, Wiring.gidOf(context), new Gid(0xFE0E_0000_0000_0000L, 1)}) {
            refused("attachMulticast", Errno.EINVAL, () -> member.pair.attachMulticast(wrong, 0));
            refused("detachMulticast", Errno.EINVAL, () -> member.pair.detachMulticast(wrong, 0));
        }
        refused("detachMulticast", Errno.EINVAL, () -> member.pair.detachMulticast(otherGroup, 0));
        refused("attachMulticast", Errno.EINVAL, () -> connected.attachMulticast(group, 0));
        refused("detachMulticast", Errno.EINVAL, () -> connected.detachMulticast(group, 0));
        isReached(member);
    }

    @Test
    @DisplayName(
            "§2.2 EBUSY: a queue pair that is attached cannot be closed; detached it can, and its verbs fail (EBADF)")
    final void closing() {
        End member = member(group);
        for (int i = 0; i < 2; i++) {
            refused("close", Errno.EBUSY, member.pair::close);
        }
        isReached(member);
        member.pair.detachMulticast(group, 0);
        member.pair.close();
        member.pair.close();
        refused("attachMulticast", Errno.EBADF, () -> member.pair.attachMulticast(group, 0));
        refused("detachMulticast", Errno.EBADF, () -> member.pair.detachMulticast(group, 0));
        End left = member(group); // closed with its context
        assertThat(left.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("§2.8 members over the device's limit, and groups: ENOMEM; a detach makes room")
    final void limits() {
        int members = context.device().attributes().limits().maxMulticastMembers();
        if (members > 5000) {
            return; // would take too long to fill
        }
        EndSpec small = new EndSpec().type(QueuePairType.UD).depth(1);
        QueuePair[] pairs = new QueuePair[members + 1];
        for (int i = 0; i <= members; i++) {
            pairs[i] = sender.createPair(small);
        }
        for (int i = 0; i < members; i++) {
            pairs[i].attachMulticast(group, 0);
        }
        pairs[0].attachMulticast(group, 0); // is one already
        refused("attachMulticast", Errno.ENOMEM, () -> pairs[members].attachMulticast(group, 0));
        pairs[1].detachMulticast(group, 0);
        pairs[members].attachMulticast(group, 0);
        int groups = context.device().attributes().limits().maxMulticastGroups();
        if (groups > 20_000) {
            return;
        }
        for (int i = 1; i < groups; i++) {
            pairs[i % members].attachMulticast(group(i), 0);
        }
        refused("attachMulticast", Errno.ENOMEM, () -> pairs[0].attachMulticast(group(groups), 0));
        pairs[1 % members].detachMulticast(group(1), 0);
        pairs[0].attachMulticast(group(groups), 0);
    }
}
