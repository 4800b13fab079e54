package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;
import org.rddma.verbs.PortState;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** A port that goes down and comes up: verbs-semantics §1.6, §2.5. */
public abstract class PortConformance extends FaultConformance {
    /** Retries enough that a test has time to bring the port up again: 7 times 67 milliseconds. */
    private static final Wiring PATIENT = new Wiring().timeout(14, 7);

    private static void send(End from, long wrId) {
        from.post(from.request(wrId, 0, 8).send());
    }

    private static void assertDelivered(End from, End to, long wrId) {
        to.receive(wrId, 64, 8);
        send(from, wrId);
        Completions.success(from.sends, wrId, WorkCompletionOpcode.SEND);
        Completions.success(to.receives, wrId, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§1.6 PORT_ERR and PORT_ACTIVE in every context of the device, once for each change")
    final void events() {
        Context second = openAnother();
        Context other = openOtherDevice();
        faults.portUp(); // it is up
        faults.portDown();
        faults.portDown();
        for (Context one : new Context[] {context, second}) {
            assertAsyncEvent(one, AsyncEventType.PORT_ERR, 1);
            assertThat(one.queryPort(1).state()).isEqualTo(PortState.DOWN);
        }
        Context late = openAnother();
        assertThat(late.queryPort(1).state()).isEqualTo(PortState.DOWN);
        faults.portUp();
        faults.portUp();
        for (Context one : new Context[] {context, second, late}) {
            assertAsyncEvent(one, AsyncEventType.PORT_ACTIVE, 1);
            assertThat(one.queryPort(1).state()).isEqualTo(PortState.ACTIVE);
            assertThat(one.asyncEvents().tryGetEvent()).isNull();
        }
        assertThat(other.queryPort(1).state()).isEqualTo(PortState.ACTIVE);
        assertThat(other.asyncEvents().tryGetEvent()).isNull();
    }

    @Test
    @DisplayName("§1.6 events about a port hold nothing up: objects close without an acknowledgement")
    final void closingDoesNotWait() {
        End end = self(new EndSpec());
        faults.portDown();
        assertThat(context.asyncEvents().getEvent().type()).isEqualTo(AsyncEventType.PORT_ERR);
        end.pair.close(Duration.ZERO);
        end.sends.close(Duration.ZERO);
    }

    @Test
    @DisplayName("§2.5 RC over a port that is down, at either end: retries, then RETRY_EXC_ERR; nothing is delivered")
    final void reliableFails() {
        for (boolean fromHere : new boolean[] {true, false}) {
            Pair pair = across(new EndSpec(), new Wiring());
            End from = fromHere ? pair.a() : pair.b();
            End to = fromHere ? pair.b() : pair.a();
            assertDelivered(from, to, 1); // so that they know each other
            to.receive(2, 64, 8);
            to.fill(64, 8, 5);
            byte[] before = to.bytes(64, 8);
            faults.portDown();
            send(from, 2);
            send(from, 3);
            Completions.failure(from.sends, 2, WorkCompletionStatus.RETRY_EXC_ERR);
            Completions.failure(from.sends, 3, WorkCompletionStatus.WR_FLUSH_ERR);
            from.awaitState(QueuePairState.ERR);
            assertThat(to.pair.state()).isEqualTo(QueuePairState.RTS);
            Completions.none(this, to.receives);
            assertThat(to.bytes(64, 8)).isEqualTo(before);
            faults.portUp();
            Completions.none(this, to.receives);
        }
    }

    @Test
    @DisplayName("§2.5 RC within one device needs its port too")
    final void loopback() {
        End end = self(new EndSpec());
        assertDelivered(end, end, 1);
        faults.portDown();
        send(end, 2);
        Completions.failure(end.sends, 2, WorkCompletionStatus.RETRY_EXC_ERR);
    }

    @Test
    @DisplayName("§2.5 RC over a port that comes up before the retries are exhausted: delivered once, in order")
    final void reliableRecovers() {
        for (boolean fromHere : new boolean[] {true, false}) {
            Pair pair = across(new EndSpec(), PATIENT);
            End from = fromHere ? pair.a() : pair.b();
            End to = fromHere ? pair.b() : pair.a();
            to.receive(1, 0, 8);
            to.receive(2, 8, 8);
            faults.portDown();
            send(from, 1);
            send(from, 2);
            Completions.none(this, from.sends);
            faults.portUp();
            for (int i = 1; i <= 2; i++) {
                Completions.success(from.sends, i, WorkCompletionOpcode.SEND);
                Completions.success(to.receives, i, WorkCompletionOpcode.RECV);
            }
            assertDelivered(to, from, 3);
            Completions.none(this, to.receives);
        }
    }

    @Test
    @DisplayName("§2.5 UC over a port that is down: sends succeed, messages are lost; it works again when it is up")
    final void unreliableLoses() {
        for (boolean fromHere : new boolean[] {true, false}) {
            Pair pair = across(new EndSpec().type(QueuePairType.UC), new Wiring());
            End from = fromHere ? pair.a() : pair.b();
            End to = fromHere ? pair.b() : pair.a();
            assertDelivered(from, to, 1);
            to.receive(3, 64, 8);
            faults.portDown();
            send(from, 2);
            Completions.success(from.sends, 2, WorkCompletionOpcode.SEND);
            Completions.none(this, to.receives);
            faults.portUp();
            send(from, 3);
            Completions.success(from.sends, 3, WorkCompletionOpcode.SEND);
            Completions.success(to.receives, 3, WorkCompletionOpcode.RECV);
            Completions.none(this, to.receives);
        }
    }

    @Test
    @DisplayName("§2.5 UD over a port that is down: sends succeed, datagrams are lost; it works again when it is up")
    final void datagramsAreLost() {
        for (boolean fromHere : new boolean[] {true, false}) {
            Pair pair = across(new EndSpec().type(QueuePairType.UD), new Wiring());
            End from = fromHere ? pair.a() : pair.b();
            End to = fromHere ? pair.b() : pair.a();
            AddressHandle handle = from.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(to.pair)));
            SendRequest datagram = from.request(0, 0, 8).send().datagram(handle, to.pair.number(), Wiring.QKEY);
            to.receive(7, 64, 64);
            faults.portDown();
            from.post(datagram.wrId(1));
            Completions.success(from.sends, 1, WorkCompletionOpcode.SEND);
            Completions.none(this, to.receives);
            faults.portUp();
            from.post(datagram.wrId(2));
            Completions.success(from.sends, 2, WorkCompletionOpcode.SEND);
            Completions.success(to.receives, 7, WorkCompletionOpcode.RECV);
        }
    }

    @Test
    @Needs(Capability.MULTICAST)
    @DisplayName("§2.5 a member of a multicast group behind a port that is down gets nothing, until it is up")
    final void multicastIsLost() {
        Gid group = group(7);
        for (boolean fromHere : new boolean[] {true, false}) {
            Pair pair = across(new EndSpec().type(QueuePairType.UD), new Wiring());
            End from = fromHere ? pair.a() : pair.b();
            End to = fromHere ? pair.b() : pair.a();
            to.pair.attachMulticast(group, 0);
            AddressHandle handle = from.domain.createAddressHandle(AddressVector.to(group));
            SendRequest datagram = from.request(0, 0, 8).send().datagram(handle, 0xFFFFFF, Wiring.QKEY);
            to.receive(7, 64, 64);
            faults.portDown();
            from.post(datagram.wrId(1));
            Completions.success(from.sends, 1, WorkCompletionOpcode.SEND);
            Completions.none(this, to.receives);
            faults.portUp();
            from.post(datagram.wrId(2));
            Completions.success(from.sends, 2, WorkCompletionOpcode.SEND);
            Completions.success(to.receives, 7, WorkCompletionOpcode.RECV);
            to.pair.detachMulticast(group, 0);
        }
    }
}
