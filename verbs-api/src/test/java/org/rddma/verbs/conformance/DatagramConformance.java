package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.spi.RoutingHeader;

/** Datagrams: verbs-semantics §2.4(4), (11), (12), (14), §2.5. */
@Needs(Capability.DATAGRAM)
public abstract class DatagramConformance extends DeviceConformance {
    private static final int GRH = 40;

    private End a;
    private End b;
    private AddressHandle way;

    @BeforeEach
    final void activate() {
        Pair pair = pair(new EndSpec().type(QueuePairType.UD));
        a = pair.a();
        b = pair.b();
        way = wayTo(a, b);
    }

    private static AddressHandle wayTo(End from, End to) {
        return from.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(to.context)));
    }

    private SendRequest datagram(long id, int offset, int length) {
        return a.request(id, offset, length).datagram(way, b.pair.number(), Wiring.QKEY);
    }

    private int mtu() {
        return context.queryPort(1).activeMtu().bytes();
    }

    @Test
    @DisplayName("§2.4(12) the payload is behind 40 bytes of header, which count; sizes 0 to the MTU")
    final void sizes() {
        for (int size : new int[] {0, 1, 8, 100, mtu() - 1, mtu()}) {
            byte[] sent = a.fill(0, size, size);
            b.receive(1, 8192, GRH + mtu());
            a.post(datagram(2, 0, size));
            WorkCompletion send = Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
            WorkCompletion receive = Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
            assertThat(send.queuePairNumber()).isEqualTo(a.pair.number());
            assertThat(receive.byteLength()).isEqualTo(GRH + size);
            assertThat(receive.sourceQueuePair()).isEqualTo(a.pair.number());
            assertThat(receive.queuePairNumber()).isEqualTo(b.pair.number());
            assertThat(receive.flags() & WorkCompletionFlags.GRH).isNotZero();
            assertThat(receive.hasImmediate()).isFalse();
            assertThat(b.bytes(8192 + GRH, size)).isEqualTo(sent);
        }
    }

    @Test
    @DisplayName("§2.4(12) the header is that of IPv6, or of IPv4: version, class, flow, length, hop limit, both GIDs")
    final void header() {
        Gid destination = Wiring.gidOf(b.context);
        AddressHandle special =
                a.domain.createAddressHandle(new AddressVector(destination, 0, 37, 0xAB, 0xC1234, 5, 1));
        assertThat(special.vector().trafficClass()).isEqualTo(0xAB);
        b.receive(1, 8192, 200);
        a.post(a.request(2, 0, 100).sendWithImmediate(77).datagram(special, b.pair.number(), Wiring.QKEY));
        WorkCompletion receive = Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(receive.immediate()).isEqualTo(77);
        assertThat(receive.hasImmediate()).isTrue();
        assertThat(receive.serviceLevel()).isEqualTo(keepsFlowAndLevel() ? 5 : 0);
        byte[] header = b.bytes(8192, GRH);
        RoutingHeader way = RoutingHeader.parse("test", receive, java.nio.ByteBuffer.wrap(header));
        assertThat(way.trafficClass()).as("traffic class").isEqualTo(0xAB);
        assertThat(way.hopLimit()).as("hop limit").isEqualTo(37);
        assertThat(way.source()).as("source").isEqualTo(Wiring.gidOf(a.context));
        assertThat(way.destination()).as("destination").isEqualTo(destination);
        if (way.source().high() == 0) {
            return; // IPv4
        }
        int first = java.nio.ByteBuffer.wrap(header).getInt(0);
        assertThat(first >>> 28).as("version").isEqualTo(6);
        assertThat(first & 0xFFFFF).as("flow label").isEqualTo(keepsFlowAndLevel() ? 0xC1234 : 0);
        int length = java.nio.ByteBuffer.wrap(header).getShort(4) & 0xFFFF;
        assertThat(length).as("payload length").isBetween(100, 100 + 64);
        assertThat(header[6]).as("next header").isIn((byte) 0x1B, (byte) 17);
    }

    @Test
    @DisplayName("§2.4(12) header and payload are scattered over the elements of the receive in order")
    final void scattered() {
        byte[] sent = a.fill(0, 60, 4);
        b.receive(new ReceiveRequest()
                .wrId(1)
                .sges(b.piece(0, 39), b.piece(100, 0), b.piece(200, 2), b.piece(300, 1000)));
        a.post(datagram(2, 0, 60));
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(b.bytes(201, 1)).isEqualTo(Arrays.copyOf(sent, 1));
        assertThat(b.bytes(300, 59)).isEqualTo(Arrays.copyOfRange(sent, 1, 60));
    }

    private void isDropped(SendRequest request) {
        a.post(request);
        Completions.success(a.sends, request.wrId(), WorkCompletionOpcode.SEND);
        Completions.none(this, b.receives);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    /** A datagram to somebody else, which arrives after those that were sent before. */
    private void passes() {
        End other = new End(context, new EndSpec().type(QueuePairType.UD));
        new Wiring().toInit(other.pair);
        new Wiring().toReceive(other.pair, null, 0);
        other.receive(1, 0, 1000);
        a.post(a.request(99, 0, 8).datagram(wayTo(a, other), other.pair.number(), Wiring.QKEY));
        Completions.success(a.sends, 99, WorkCompletionOpcode.SEND);
        Completions.success(other.receives, 1, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§2.5 a wrong Q_Key, no receive, no such queue pair, no such port: dropped, the sender succeeds")
    final void dropped() {
        isDropped(datagram(1, 0, 8)); // no receive
        passes();
        b.receive(2, 0, 1000);
        isDropped(a.request(3, 0, 8).datagram(way, b.pair.number(), Wiring.QKEY + 1));
        isDropped(a.request(4, 0, 8).datagram(way, 0xFFFFFF, Wiring.QKEY));
        AddressHandle nowhere = a.domain.createAddressHandle(AddressVector.to(new Gid(1, 2)));
        isDropped(a.request(5, 0, 8).datagram(nowhere, b.pair.number(), Wiring.QKEY));
        a.post(datagram(6, 0, 8));
        Completions.success(a.sends, 6, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 2, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName(
            "§2.5 a Q_Key that differs in any bit is dropped; the receiver's may change, the sender's does not matter")
    final void qkeys() {
        b.receive(1, 0, 1000);
        for (int bit = 0; bit < 31; bit++) { // the top bit stands for the sender's own
            isDropped(a.request(2, 0, 8).datagram(way, b.pair.number(), Wiring.QKEY ^ 1 << bit));
        }
        b.pair.modify(new QueuePairAttributes().qkey(0x1234_5678));
        a.pair.modify(new QueuePairAttributes().qkey(0x7777_7777));
        isDropped(datagram(3, 0, 8));
        isDropped(a.request(4, 0, 8).datagram(way, b.pair.number(), 0x8000_0000));
        a.post(a.request(5, 0, 8).datagram(way, b.pair.number(), 0x1234_5678));
        Completions.success(a.sends, 5, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(b.pair.query().qkey()).isEqualTo(0x1234_5678);
    }

    @Test
    @DisplayName("§2.3 with the top bit set in the Q_Key, the sender's own Q_Key goes out")
    final void ownQkey() {
        b.receive(1, 0, 1000);
        a.post(a.request(2, 0, 8).datagram(way, b.pair.number(), 0x8000_0000));
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName(
            "§2.4(14) a receive that is too small, also for the header: the datagram is dropped, nothing is written")
    final void tooSmall() {
        byte[] before = b.fill(0, 200, 6);
        b.receive(1, 0, GRH + 7);
        isDropped(datagram(2, 0, 8));
        assertThat(b.bytes(0, 200)).isEqualTo(before);
        a.post(datagram(3, 0, 7));
        Completions.success(a.sends, 3, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        b.receive(4, 0, GRH - 1);
        isDropped(datagram(5, 0, 0));
    }

    @Test
    @DisplayName("§2.5 longer than the MTU: LOC_LEN_ERR and SQE, what is behind is flushed; SQE to RTS recovers")
    final void tooLong() {
        b.receive(1, 0, 60 * 1024);
        a.post(datagram(2, 0, mtu() + 1).flags(0));
        a.post(datagram(3, 0, 8).flags(0));
        Completions.failure(a.sends, 2, WorkCompletionStatus.LOC_LEN_ERR);
        Completions.failure(a.sends, 3, WorkCompletionStatus.WR_FLUSH_ERR);
        a.awaitState(QueuePairState.SQE);
        Completions.none(this, b.receives);
        a.receive(4, 32 * 1024, 1000); // receiving goes on
        b.post(b.request(5, 0, 8).datagram(wayTo(b, a), a.pair.number(), Wiring.QKEY));
        Completions.success(a.receives, 4, WorkCompletionOpcode.RECV);
        a.pair.modify(to(QueuePairState.RTS));
        a.post(datagram(6, 0, 8));
        Completions.success(a.sends, 6, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§2.3 a datagram needs an address handle: of the own domain, and open (EINVAL, EBADF)")
    final void addressHandles() {
        SendRequest request = a.request(1, 0, 8);
        assertThat(refused("postSend", Errno.EINVAL, () -> a.pair.postSend(request))
                        .badRequest())
                .containsSame(request);
        SendRequest foreign = a.request(2, 0, 8).datagram(wayTo(b, b), b.pair.number(), Wiring.QKEY);
        assertThat(refused("postSend", Errno.EINVAL, () -> a.pair.postSend(foreign))
                        .badRequest())
                .containsSame(foreign);
        AddressHandle closed = wayTo(a, b);
        closed.close();
        closed.close();
        SendRequest gone = a.request(3, 0, 8).datagram(closed, b.pair.number(), Wiring.QKEY);
        assertThat(refused("postSend", Errno.EBADF, () -> a.pair.postSend(gone)).badRequest())
                .containsSame(gone);
        Completions.none(this, a.sends);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("§1 a handle may be closed once the datagram is posted; it still goes out")
    final void handleClosedAfterPost() {
        b.receive(1, 0, 1000);
        a.pair.modify(to(QueuePairState.SQD));
        a.post(datagram(2, 0, 8));
        way.close();
        a.pair.modify(to(QueuePairState.RTS));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§2.4 to itself, to another device, inline, solicited, from many senders to one")
    final void ways() {
        a.receive(1, 0, 1000);
        a.post(a.request(2, 2000, 8)
                .datagram(wayTo(a, a), a.pair.number(), Wiring.QKEY)
                .flags(SendFlags.SIGNALED | SendFlags.INLINE | SendFlags.SOLICITED));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(a.receives, 1, WorkCompletionOpcode.RECV);
        End far = new End(openOtherDevice(), new EndSpec().type(QueuePairType.UD));
        new Wiring().activate(far.pair);
        byte[] sent = a.fill(0, 77, 7);
        far.receive(3, 0, 1000);
        a.post(a.request(4, 0, 77).datagram(wayTo(a, far), far.pair.number(), Wiring.QKEY));
        Completions.success(a.sends, 4, WorkCompletionOpcode.SEND);
        Completions.success(far.receives, 3, WorkCompletionOpcode.RECV);
        assertThat(far.bytes(GRH, 77)).isEqualTo(sent);
        far.receive(5, 0, 1000);
        far.receive(6, 0, 1000);
        b.post(b.request(7, 0, 8).datagram(wayTo(b, far), far.pair.number(), Wiring.QKEY));
        a.post(a.request(8, 0, 8).datagram(wayTo(a, far), far.pair.number(), Wiring.QKEY));
        assertThat(Completions.take(far.receives, 2)) // of different senders: in any order
                .extracting(WorkCompletion::sourceQueuePair)
                .containsExactlyInAnyOrder(a.pair.number(), b.pair.number());
    }

    @Test
    @DisplayName("§2.4(12) a bad element of a receive fails the receiver only: LOC_PROT_ERR")
    final void badReceive() {
        b.receive(1, -64, 1000);
        a.post(datagram(2, 0, 8));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.failure(b.receives, 1, WorkCompletionStatus.LOC_PROT_ERR);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("§2.5 a receive into memory without LOCAL_WRITE fails the receiver only: LOC_PROT_ERR")
    final void receiveIntoReadOnly() {
        MemoryRegion readOnly = b.domain.allocateMemory(1000, 0);
        b.receive(new ReceiveRequest(1, new ScatterGatherElement(readOnly)));
        a.fill(0, 8, 8);
        a.post(datagram(2, 0, 8));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.failure(b.receives, 1, WorkCompletionStatus.LOC_PROT_ERR);
        for (int i = 0; i < 1000; i++) {
            assertThat(readOnly.buffer().get(i)).as("byte %d", i).isZero();
        }
    }

    @Test
    @DisplayName("§2.2 a queue pair in INIT takes receives, but no datagrams before it is in RTR")
    final void droppedInInit() {
        End early = new End(context, new EndSpec().type(QueuePairType.UD));
        new Wiring().toInit(early.pair);
        early.receive(1, 0, 1000);
        AddressHandle there = wayTo(a, early);
        a.post(a.request(2, 0, 8).datagram(there, early.pair.number(), Wiring.QKEY));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.none(this, early.receives);
        passes();
        new Wiring().toReceive(early.pair, null, 0);
        a.post(a.request(3, 0, 16).datagram(there, early.pair.number(), Wiring.QKEY));
        Completions.success(a.sends, 3, WorkCompletionOpcode.SEND);
        assertThat(Completions.success(early.receives, 1, WorkCompletionOpcode.RECV)
                        .byteLength())
                .isEqualTo(GRH + 16);
        Completions.none(this, early.receives);
    }
}
