package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** States of a queue pair and what each allows: verbs-semantics §2.1, §2.2. */
public abstract class StateConformance extends DeviceConformance {
    private static final Wiring WIRING = new Wiring();

    /** An end in the state, connected to itself where it has a connection. */
    private End in(QueuePairType type, QueuePairState state) {
        End end = new End(context, new EndSpec().type(type));
        Gid gid = Wiring.gidOf(context);
        if (state == QueuePairState.RESET) {
            return end;
        }
        WIRING.toInit(end.pair);
        if (state == QueuePairState.INIT) {
            return end;
        }
        WIRING.toReceive(end.pair, gid, end.pair.number());
        if (state == QueuePairState.RTR) {
            return end;
        }
        WIRING.toSend(end.pair);
        if (state == QueuePairState.SQE) {
            // only a failed send takes it there
            end.post(new SendRequest().wrId(-1).sge(end.piece(-8, 8)).datagram(handleOf(end), 1, 1));
            Completions.failure(end.sends, -1, WorkCompletionStatus.LOC_PROT_ERR);
        } else if (state != QueuePairState.RTS) {
            end.pair.modify(to(state));
        }
        end.awaitState(state);
        return end;
    }

    private static org.rddma.verbs.AddressHandle handleOf(End end) {
        return end.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(end.context)));
    }

    private static Set<QueuePairState> states(QueuePairType type) {
        return type == QueuePairType.RC
                ? EnumSet.complementOf(EnumSet.of(QueuePairState.SQE))
                : EnumSet.allOf(QueuePairState.class);
    }

    /** All that a transition to a state could need, so that only its existence is asked. */
    private static QueuePairAttributes everythingFor(QueuePair pair, QueuePairState from, QueuePairState next) {
        if (from == QueuePairState.RESET && next == QueuePairState.INIT) {
            return WIRING.initOf(pair.type());
        }
        if (from == QueuePairState.INIT && next == QueuePairState.RTR) {
            return WIRING.receiveOf(pair.type(), Wiring.gidOf(pair), pair.number());
        }
        return from == QueuePairState.RTR && next == QueuePairState.RTS ? WIRING.sendOf(pair.type()) : to(next);
    }

    private static boolean isEdge(QueuePairType type, QueuePairState from, QueuePairState next) {
        return switch (next) {
            case RESET -> true;
            case INIT -> from == QueuePairState.RESET || from == QueuePairState.INIT;
            case RTR -> from == QueuePairState.INIT;
            case RTS ->
                from == QueuePairState.RTR
                        || from == QueuePairState.RTS
                        || from == QueuePairState.SQD
                        || from == QueuePairState.SQE && type != QueuePairType.RC;
            case SQD -> from == QueuePairState.RTS || from == QueuePairState.SQD;
            case SQE -> false;
            case ERR -> from != QueuePairState.RESET;
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName(
            "§2.1 every pair of states: an edge leads there, anything else is refused (EINVAL) and changes nothing")
    final void everyEdge(QueuePairType type) {
        for (QueuePairState from : states(type)) {
            for (QueuePairState next : QueuePairState.values()) {
                End end = in(type, from);
                QueuePairAttributes attributes = everythingFor(end.pair, from, next);
                QueuePairAttributes before = end.pair.query();
                if (isEdge(type, from, next)) {
                    end.pair.modify(attributes);
                    assertThat(end.pair.state()).as("%s from %s", type, from).isEqualTo(next);
                } else {
                    refused("modify", Errno.EINVAL, () -> end.pair.modify(attributes));
                    assertThat(end.pair.state()).as("%s to %s", type, next).isEqualTo(from);
                    assertSame(end.pair.query(), before);
                }
            }
        }
    }

    private static void assertSame(QueuePairAttributes now, QueuePairAttributes before) {
        assertThat(now).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    @DisplayName("§2.1 a missing or a surplus attribute, or one out of range, is refused and nothing is applied")
    final void nothingApplied() {
        End end = in(QueuePairType.RC, QueuePairState.INIT);
        QueuePairAttributes before = end.pair.query();
        Gid gid = Wiring.gidOf(context);
        int number = end.pair.number();
        AddressVector way = AddressVector.to(gid);
        QueuePairAttributes[] wrong = {
            to(QueuePairState.RTR),
            WIRING.receiveOf(QueuePairType.RC, gid, number).qkey(1),
            WIRING.receiveOf(QueuePairType.RC, gid, number).sqPsn(1),
            WIRING.receiveOf(QueuePairType.RC, gid, number).minRnrTimer(32),
            WIRING.receiveOf(QueuePairType.RC, gid, number).rqPsn(1 << 24),
            WIRING.receiveOf(QueuePairType.RC, gid, number).rqPsn(-1),
            WIRING.receiveOf(QueuePairType.RC, gid, 1 << 24),
            WIRING.receiveOf(QueuePairType.RC, gid, number).pathMtu(null),
            WIRING.receiveOf(QueuePairType.RC, null, number),
            WIRING.receiveOf(QueuePairType.RC, gid, number).addressVector(null),
            WIRING.receiveOf(QueuePairType.RC, Gid.ZERO, number),
            WIRING.receiveOf(QueuePairType.RC, gid, number).pkeyIndex(1000),
            WIRING.receiveOf(QueuePairType.RC, gid, number).pkeyIndex(-1),
            WIRING.receiveOf(QueuePairType.RC, gid, number).accessFlags(AccessFlags.MW_BIND),
            WIRING.receiveOf(QueuePairType.RC, gid, number).maxDestReadAtomic(-1),
            WIRING.receiveOf(QueuePairType.RC, gid, number)
                    .maxDestReadAtomic(context.device().attributes().limits().maxQueuePairReadAtomics() + 1),
            WIRING.receiveOf(QueuePairType.RC, gid, number).addressVector(new AddressVector(gid, 9999, 64, 0, 0, 0, 1)),
            WIRING.receiveOf(QueuePairType.RC, gid, number).addressVector(new AddressVector(gid, 0, 256, 0, 0, 0, 1)),
            WIRING.receiveOf(QueuePairType.RC, gid, number).addressVector(new AddressVector(gid, 0, 64, 0, 0, 16, 1)),
            WIRING.receiveOf(QueuePairType.RC, gid, number).addressVector(new AddressVector(gid, 0, 64, 0, 0, 0, 2)),
            WIRING.receiveOf(QueuePairType.RC, gid, number).addressVector(way).port(2),
            new QueuePairAttributes().port(0),
            new QueuePairAttributes().port(2),
            new QueuePairAttributes().state(null),
        };
        for (QueuePairAttributes attributes : wrong) {
            refused("modify", Errno.EINVAL, () -> end.pair.modify(attributes));
            assertThat(end.pair.state()).isEqualTo(QueuePairState.INIT);
            assertSame(end.pair.query(), before);
        }
        refused("modify", Errno.EINVAL, () -> end.pair.modify(null));
    }

    @Test
    @DisplayName("§2.1 an MTU larger than the port's is refused")
    final void mtuOfPort() {
        Mtu active = context.queryPort(1).activeMtu();
        End end = in(QueuePairType.RC, QueuePairState.INIT);
        for (Mtu mtu : Mtu.values()) {
            QueuePairAttributes attributes = WIRING.receiveOf(
                            QueuePairType.RC, Wiring.gidOf(context), end.pair.number())
                    .pathMtu(mtu);
            if (mtu.compareTo(active) > 0) {
                refused("modify", Errno.EINVAL, () -> end.pair.modify(attributes));
            } else {
                end.pair.modify(attributes);
                end.pair.modify(to(QueuePairState.RESET));
                WIRING.toInit(end.pair);
            }
        }
    }

    @Test
    @DisplayName("§2.1 a query returns what was set, and says what was set")
    final void query() {
        End end = new End(context, new EndSpec());
        assertThat(end.pair.query().state()).isEqualTo(QueuePairState.RESET);
        new Wiring()
                .timeout(17, 5)
                .rnrRetries(3)
                .minRnrTimer(9)
                .mtu(Mtu.MTU_512)
                .access(AccessFlags.REMOTE_READ)
                .connect(end, end);
        QueuePairAttributes now = end.pair.query();
        assertThat(now.state()).isEqualTo(QueuePairState.RTS);
        assertThat(now.timeout()).isEqualTo(17);
        assertThat(now.retryCount()).isEqualTo(5);
        assertThat(now.rnrRetry()).isEqualTo(3);
        assertThat(now.minRnrTimer()).isEqualTo(9);
        assertThat(now.pathMtu()).isEqualTo(Mtu.MTU_512);
        assertThat(now.accessFlags()).isEqualTo(AccessFlags.REMOTE_READ);
        assertThat(now.port()).isEqualTo(1);
        assertThat(now.pkeyIndex()).isZero();
        assertThat(now.rqPsn()).isEqualTo(Wiring.PSN);
        assertThat(now.sqPsn()).isEqualTo(Wiring.PSN);
        assertThat(now.destinationQueuePair()).isEqualTo(end.pair.number());
        assertThat(now.addressVector()).isEqualTo(AddressVector.to(Wiring.gidOf(context)));
        assertThat(now.maxReadAtomic()).isGreaterThanOrEqualTo(4);
        assertThat(now.maxDestReadAtomic()).isGreaterThanOrEqualTo(4);
        for (int bit : new int[] {
            QueuePairAttributes.STATE,
            QueuePairAttributes.TIMEOUT,
            QueuePairAttributes.RETRY_COUNT,
            QueuePairAttributes.PATH_MTU,
            QueuePairAttributes.ADDRESS_VECTOR,
            QueuePairAttributes.DESTINATION_QUEUE_PAIR
        }) {
            assertThat(now.has(bit)).isTrue();
        }
        assertThat(now.has(QueuePairAttributes.QKEY)).isFalse();
        end.pair.modify(new QueuePairAttributes().minRnrTimer(20).accessFlags(0)); // RTS to RTS
        assertThat(end.pair.query().minRnrTimer()).isEqualTo(20);
        assertThat(end.pair.query().accessFlags()).isZero();
        assertThat(end.pair.query().timeout()).isEqualTo(17);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName("§2.2 posting: receives from INIT on, sends from RTS on; refused posts (EINVAL) name the request")
    final void posting(QueuePairType type) {
        Set<QueuePairState> noSends = EnumSet.of(QueuePairState.RESET, QueuePairState.INIT, QueuePairState.RTR);
        for (QueuePairState state : states(type)) {
            End end = in(type, state);
            ReceiveRequest receive = new ReceiveRequest(1, end.piece(0, 128));
            SendRequest send = end.request(2, 256, 8);
            if (type == QueuePairType.UD) {
                send.datagram(handleOf(end), end.pair.number() ^ 0x800000, Wiring.QKEY);
            }
            if (state == QueuePairState.RESET) {
                assertThat(refused("postReceive", Errno.EINVAL, () -> end.pair.postReceive(receive))
                                .badRequest())
                        .containsSame(receive);
            } else {
                end.receive(receive);
            }
            if (noSends.contains(state)) {
                assertThat(refused("postSend", Errno.EINVAL, () -> end.pair.postSend(send))
                                .badRequest())
                        .containsSame(send);
                Completions.none(this, end.sends);
            } else {
                end.post(send);
            }
            switch (state) {
                case ERR -> {
                    Completions.failure(end.receives, 1, WorkCompletionStatus.WR_FLUSH_ERR);
                    Completions.failure(end.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
                }
                case SQE -> {
                    Completions.failure(end.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
                    Completions.none(this, end.receives);
                }
                case RTS -> Completions.success(end.sends, 2, WorkCompletionOpcode.SEND);
                default -> {
                    Completions.none(this, end.sends);
                    Completions.none(this, end.receives);
                }
            }
        }
    }

    @Test
    @DisplayName("§2.2 SQD: sends queue, receives go on; back in RTS they are executed in order")
    final void drained() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        End b = pair.b();
        a.pair.modify(to(QueuePairState.SQD));
        byte[] sent = a.fill(0, 8, 1);
        for (int i = 0; i < 5; i++) {
            b.receive(i, 1024 + 64 * i, 64);
            a.post(a.request(10 + i, 0, 8));
        }
        a.receive(20, 4096, 64);
        b.post(b.request(21, 0, 8));
        Completions.success(b.sends, 21, WorkCompletionOpcode.SEND);
        Completions.success(a.receives, 20, WorkCompletionOpcode.RECV);
        Completions.none(Duration.ofMillis(5), a.sends);
        a.pair.modify(to(QueuePairState.RTS));
        for (int i = 0; i < 5; i++) {
            Completions.success(a.sends, 10 + i, WorkCompletionOpcode.SEND);
            Completions.success(b.receives, i, WorkCompletionOpcode.RECV);
            assertThat(b.bytes(1024 + 64 * i, 8)).isEqualTo(sent);
        }
        a.pair.modify(to(QueuePairState.SQD).sqdAsyncNotify(true));
        a.post(a.request(30, 0, 8));
        a.pair.modify(to(QueuePairState.ERR));
        Completions.failure(a.sends, 30, WorkCompletionStatus.WR_FLUSH_ERR);
    }

    @Test
    @DisplayName("§2.2 what was posted in INIT is used from RTR on")
    final void postedEarly() {
        End a = new End(context, new EndSpec());
        End b = far(new EndSpec());
        WIRING.toInit(b.pair);
        b.receive(1, 0, 64);
        WIRING.toReceive(b.pair, Wiring.gidOf(context), a.pair.number());
        WIRING.toInit(a.pair);
        WIRING.toReceive(a.pair, Wiring.gidOf(b.context), b.pair.number());
        WIRING.toSend(a.pair);
        a.post(a.request(2, 0, 8)); // the peer is in RTR only
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        b.receive(3, 0, 64);
        b.pair.modify(to(QueuePairState.ERR));
        Completions.failure(b.receives, 3, WorkCompletionStatus.WR_FLUSH_ERR);
    }

    @Test
    @DisplayName("§2.1 packet numbers have 24 bits: a connection goes on when they run over")
    final void packetNumbersRunOver() {
        for (int first : new int[] {0xFFFFFF, 0xFFFFFE, 0xFFFFF0}) {
            End end = new End(context, new EndSpec());
            WIRING.toInit(end.pair);
            end.pair.modify(WIRING.receiveOf(QueuePairType.RC, Wiring.gidOf(context), end.pair.number())
                    .rqPsn(first));
            end.pair.modify(WIRING.sendOf(QueuePairType.RC).sqPsn(first));
            for (int i = 0; i < 20; i++) {
                end.receive(i, 8192, 8192);
                end.post(end.request(100 + i, 0, i % 2 == 0 ? 8 : 5000)); // five packets
                Completions.success(end.sends, 100 + i, WorkCompletionOpcode.SEND);
                Completions.success(end.receives, i, WorkCompletionOpcode.RECV);
            }
        }
    }

    @Test
    @DisplayName("§2.1 who is not the peer is not heard: the right number at another port, another number at this one")
    final void onlyThePeer() {
        Gid here = Wiring.gidOf(context);
        Gid elsewhere = Wiring.gidOf(openOtherDevice());
        for (boolean otherPort : knowsSender() ? new boolean[] {true, false} : new boolean[] {true}) {
            End a = new End(context, new EndSpec());
            End b = new End(context, new EndSpec());
            WIRING.toInit(a.pair);
            WIRING.toReceive(a.pair, here, b.pair.number());
            WIRING.toSend(a.pair);
            WIRING.toInit(b.pair);
            WIRING.toReceive(b.pair, otherPort ? elsewhere : here, a.pair.number() ^ (otherPort ? 0 : 1));
            b.receive(1, 0, 64);
            a.post(a.request(2, 0, 8));
            Completions.failure(a.sends, 2, WorkCompletionStatus.RETRY_EXC_ERR);
            Completions.none(this, b.receives);
        }
    }

    @Test
    @DisplayName("§2.2 RESET ends every wait: a send that would wait for ever does not hold up those after it")
    final void resetEndsWaits() {
        End a = new End(context, new EndSpec());
        End b = far(new EndSpec());
        Wiring patient = new Wiring().timeout(0, 0); // for ever
        patient.toInit(a.pair);
        patient.toReceive(a.pair, Wiring.gidOf(b.context), b.pair.number());
        patient.toSend(a.pair);
        a.post(a.request(1, 0, 8)); // the peer is in RESET
        Completions.none(this, a.sends);
        a.pair.modify(to(QueuePairState.RESET));
        patient.connect(a, b);
        for (int length : new int[] {32 * 1024, 8}) {
            b.receive(2, 0, length);
            a.post(a.request(3, 0, length));
            Completions.success(a.sends, 3, WorkCompletionOpcode.SEND);
            Completions.success(b.receives, 2, WorkCompletionOpcode.RECV);
        }
    }

    @Test
    @DisplayName("§2.2 in INIT nothing is received, not even from the peer of the connection before")
    final void deafInInit() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        End b = pair.b();
        b.pair.modify(to(QueuePairState.RESET));
        WIRING.toInit(b.pair);
        b.receive(1, 0, 64);
        a.post(a.request(2, 0, 8));
        Completions.failure(a.sends, 2, WorkCompletionStatus.RETRY_EXC_ERR);
        Completions.none(this, b.receives);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.INIT);
    }

    @Test
    @DisplayName("§2.2 ERR flushes both queues in order, each request once, signalled or not")
    final void flush() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        a.pair.modify(to(QueuePairState.SQD));
        for (int i = 0; i < 20; i++) {
            a.receive(100 + i, 0, 64);
            a.post(a.request(200 + i, 0, 8).flags(i % 2 == 0 ? SendFlags.SIGNALED : 0));
        }
        a.pair.modify(to(QueuePairState.ERR));
        a.receive(120, 0, 64);
        a.post(a.request(220, 0, 8).flags(0));
        for (int i = 0; i <= 20; i++) {
            WorkCompletion send = Completions.failure(a.sends, 200 + i, WorkCompletionStatus.WR_FLUSH_ERR);
            assertThat(send.queuePairNumber()).isEqualTo(a.pair.number());
            WorkCompletion receive = Completions.failure(a.receives, 100 + i, WorkCompletionStatus.WR_FLUSH_ERR);
            assertThat(receive.queuePairNumber()).isEqualTo(a.pair.number());
        }
        Completions.none(this, a.sends);
        Completions.none(this, a.receives);
        a.pair.modify(to(QueuePairState.ERR));
        Completions.none(this, a.sends);
    }

    @Test
    @DisplayName(
            "§2.2 RESET discards what is posted without completions; what is in the queue stays; it can connect again")
    final void reset() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        End b = pair.b();
        b.receive(1, 0, 64);
        a.post(a.request(2, 0, 8));
        Deadline.await("a completion to stay", () -> a.sends.requestNotify(NotificationType.ANY));
        Deadline.await("a completion to stay", () -> b.receives.requestNotify(NotificationType.ANY));
        a.pair.modify(to(QueuePairState.SQD));
        for (int i = 0; i < 10; i++) {
            a.post(a.request(10 + i, 0, 8));
            b.receive(20 + i, 0, 64);
        }
        a.pair.modify(to(QueuePairState.RESET));
        b.pair.modify(to(QueuePairState.RESET));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        Completions.none(this, a.sends);
        Completions.none(this, b.receives);
        WIRING.connect(a, b);
        int depth = b.pair.capabilities().maxReceiveRequests();
        for (int i = 0; i < depth; i++) { // all slots are free again
            b.receive(1000 + i, 0, 64);
        }
        a.post(a.request(3, 0, 8));
        Completions.success(a.sends, 3, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1000, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§2.2 closing a queue pair discards what is posted without completions")
    final void closing() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        a.receive(1, 0, 64);
        a.pair.modify(to(QueuePairState.SQD));
        a.post(a.request(2, 0, 8));
        a.pair.close();
        a.pair.close();
        Completions.none(this, a.sends);
        Completions.none(this, a.receives);
        refused("modify", Errno.EBADF, () -> a.pair.modify(to(QueuePairState.ERR)));
        refused("query", Errno.EBADF, a.pair::query);
        refused("postSend", Errno.EBADF, () -> a.pair.postSend(a.request(3, 0, 8)));
        refused("postReceive", Errno.EBADF, () -> a.pair.postReceive(new ReceiveRequest()));
        a.sends.close();
        a.receives.close();
    }
}
