package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Messages that arrive: verbs-semantics §2.3, §2.4. */
public abstract class MessageConformance extends DeviceConformance {
    private static final int MTU = 1024;
    private static final int TARGET = 32 * 1024;

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @DisplayName("§2.4 a message of any size arrives as it was sent, and its length and ids are right at both ends")
    final void sizes(QueuePairType type) {
        Pair pair = pair(new EndSpec().type(type), new Wiring().mtu(Mtu.MTU_1024));
        End a = pair.a();
        End b = pair.b();
        long id = 100;
        for (int size : new int[] {0, 1, 7, 8, 9, 63, 64, 65, MTU - 1, MTU, MTU + 1, 5 * MTU, TARGET - 1}) {
            byte[] sent = a.fill(0, size, id);
            b.fill(TARGET, TARGET, -1);
            byte[] before = b.bytes(TARGET, TARGET);
            b.receive(id, TARGET, TARGET);
            a.post(a.request(id + 1, 0, size));
            WorkCompletion send = Completions.success(a.sends, id + 1, WorkCompletionOpcode.SEND);
            WorkCompletion receive = Completions.success(b.receives, id, WorkCompletionOpcode.RECV);
            assertThat(receive.byteLength()).isEqualTo(size);
            assertThat(receive.isReceive()).isTrue();
            assertThat(send.isReceive()).isFalse();
            assertThat(receive.hasImmediate()).isFalse();
            assertThat(receive.queuePairNumber()).isEqualTo(b.pair.number());
            assertThat(send.queuePairNumber()).isEqualTo(a.pair.number());
            assertThat(b.bytes(TARGET, size)).isEqualTo(sent);
            assertThat(b.bytes(TARGET + size, TARGET - size))
                    .as("what is behind the message")
                    .isEqualTo(Arrays.copyOfRange(before, size, TARGET));
            id += 2;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @HangGuard(seconds = 60)
    @DisplayName("§2.4 messages of many MiB by send, write and read")
    final void large(QueuePairType type) {
        int size = Math.max(load(64 << 20), 16 << 20);
        Pair pair = pair(
                new EndSpec().type(type).memory(size),
                new Wiring().mtu(Mtu.MTU_4096).timeout(16, 7));
        End a = pair.a();
        End b = pair.b();
        Duration limit = Duration.ofSeconds(30);
        a.fill(0, size, 1);
        b.receive(1, 0, size);
        a.post(a.request(2, 0, size));
        assertThat(Completions.next(a.sends, limit).isSuccess()).isTrue();
        assertThat(Completions.next(b.receives, limit).byteLength()).isEqualTo(size);
        assertThat(b.memory.buffer().mismatch(a.memory.buffer())).isEqualTo(-1);
        a.fill(0, size, 2);
        a.post(a.request(3, 0, size).write(b.address(0), b.memory.rkey()));
        assertThat(Completions.next(a.sends, limit).isSuccess()).isTrue();
        Deadline.await(
                "all bytes, which an unreliable completion does not wait for",
                limit,
                () -> b.memory.buffer().mismatch(a.memory.buffer()) == -1);
        if (type == QueuePairType.UC || !has(Capability.RDMA_READ)) {
            return;
        }
        b.fill(0, size, 3);
        a.post(a.request(4, 0, size).read(b.address(0), b.memory.rkey()));
        assertThat(Completions.next(a.sends, limit).byteLength()).isEqualTo(size);
        assertThat(b.memory.buffer().mismatch(a.memory.buffer())).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @DisplayName("§2.4(9) immediate data arrives as it was given, with any bits")
    final void immediate(QueuePairType type) {
        Pair pair = pair(new EndSpec().type(type));
        for (int immediate : new int[] {0, 1, -1, 0x8000_0000, 0x0102_0304}) {
            pair.b().receive(1, 0, 64);
            pair.a().post(pair.a().request(2, 0, 3).sendWithImmediate(immediate));
            Completions.success(pair.a().sends, 2, WorkCompletionOpcode.SEND);
            WorkCompletion receive = Completions.success(pair.b().receives, 1, WorkCompletionOpcode.RECV);
            assertThat(receive.hasImmediate()).isTrue();
            assertThat(receive.flags() & WorkCompletionFlags.WITH_IMM).isNotZero();
            assertThat(receive.immediate()).isEqualTo(immediate);
            assertThat(receive.byteLength()).isEqualTo(3);
        }
        pair.b().receive(3, 0, 0);
        pair.a().post(new SendRequest().flags(SendFlags.SIGNALED).sendWithImmediate(5));
        assertThat(Completions.success(pair.b().receives, 3, WorkCompletionOpcode.RECV)
                        .immediate())
                .isEqualTo(5);
    }

    @Test
    @DisplayName("§2.4(13) no bytes: no element, or elements of length 0, whose keys need not be valid")
    final void noBytes() {
        Pair pair = pair(new EndSpec());
        ScatterGatherElement nowhere = new ScatterGatherElement().set(0xDEAD, 0, 0xBAD);
        SendRequest[] requests = {
            new SendRequest().wrId(2),
            new SendRequest().wrId(2).sge(nowhere),
            new SendRequest().wrId(2).sges(nowhere, nowhere)
        };
        ReceiveRequest[] receives = {
            new ReceiveRequest().wrId(1),
            new ReceiveRequest().wrId(1).sge(nowhere),
            new ReceiveRequest(1, pair.b().piece(0, 16)),
        };
        for (SendRequest request : requests) {
            for (ReceiveRequest receive : receives) {
                pair.b().receive(receive);
                pair.a().post(request.flags(SendFlags.SIGNALED));
                Completions.success(pair.a().sends, 2, WorkCompletionOpcode.SEND);
                assertThat(Completions.success(pair.b().receives, 1, WorkCompletionOpcode.RECV)
                                .byteLength())
                        .isZero();
            }
        }
    }

    @Needs(Capability.INLINE)
    @Test
    @DisplayName("§2.3 inline data may be changed as soon as the post returns: from elements, and from any buffer")
    final void inline() {
        Pair pair = pair(new EndSpec().inline(64));
        End a = pair.a();
        End b = pair.b();
        int size = a.pair.capabilities().maxInlineData();
        assertThat(size).isGreaterThanOrEqualTo(64);
        SendRequest[] stopped = new SendRequest[3];
        byte[] expected = a.fill(0, size, 5);
        ByteBuffer heap = ByteBuffer.wrap(expected.clone());
        ByteBuffer readOnly =
                ByteBuffer.allocateDirect(size + 2).put(1, expected).asReadOnlyBuffer();
        readOnly.position(1).limit(size + 1);
        stopped[0] = new SendRequest().sges(a.piece(0, 5), a.piece(5, 0), a.piece(5, size - 5));
        stopped[1] = new SendRequest().inlineData(heap);
        stopped[2] = new SendRequest().inlineData(readOnly);
        a.pair.modify(to(org.rddma.verbs.QueuePairState.SQD)); // nothing goes out before the buffer has changed
        for (int i = 0; i < 3; i++) {
            b.receive(i, 1024 * (i + 1), size);
            a.post(stopped[i].wrId(10 + i).flags(SendFlags.INLINE | SendFlags.SIGNALED));
        }
        a.fill(0, size, 6);
        Arrays.fill(heap.array(), (byte) 0);
        a.pair.modify(to(org.rddma.verbs.QueuePairState.RTS));
        for (int i = 0; i < 3; i++) {
            Completions.success(a.sends, 10 + i, WorkCompletionOpcode.SEND);
            Completions.success(b.receives, i, WorkCompletionOpcode.RECV);
            assertThat(b.bytes(1024 * (i + 1), size)).as("form %d", i).isEqualTo(expected);
        }
        assertThat(heap.position()).isZero();
        assertThat(readOnly.position()).isEqualTo(1);
        byte[] written = a.fill(0, size, 7);
        a.post(a.request(20, 0, size)
                .write(b.address(8192), b.memory.rkey())
                .flags(SendFlags.INLINE | SendFlags.SIGNALED));
        Completions.success(a.sends, 20, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(b.bytes(8192, size)).isEqualTo(written);
    }

    @Test
    @DisplayName("§2.2 without INLINE, data is read when the request is executed, also when a buffer for inline is set")
    final void notInline() {
        Pair pair = pair(new EndSpec());
        byte[] expected = pair.a().fill(0, 32, 5);
        pair.b().receive(1, 0, 64);
        pair.a().post(pair.a().request(2, 0, 32).inlineData(ByteBuffer.allocate(7)));
        Completions.success(pair.a().sends, 2, WorkCompletionOpcode.SEND);
        assertThat(Completions.success(pair.b().receives, 1, WorkCompletionOpcode.RECV)
                        .byteLength())
                .isEqualTo(32);
        assertThat(pair.b().bytes(0, 32)).isEqualTo(expected);
    }

    @Test
    @DisplayName("§2.4(2) of a mix only the signalled ones complete, in order; with signalAll all do; receives always")
    final void signalled() {
        for (boolean all : new boolean[] {false, true}) {
            EndSpec spec = new EndSpec();
            Pair pair = pair(all ? spec.signalAll() : spec);
            assertThat(pair.a().pair.signalAll()).isEqualTo(all);
            List<Long> expected = new ArrayList<>();
            for (long id = 0; id < 40; id++) {
                pair.b().receive(id, 0, 64);
                boolean signalled = id % 3 == 0 || id == 39;
                if (signalled || all) {
                    expected.add(id);
                }
                pair.a().post(pair.a().request(id, 0, 8).flags(signalled ? SendFlags.SIGNALED : 0));
            }
            for (long id : expected) {
                Completions.success(pair.a().sends, id, WorkCompletionOpcode.SEND);
            }
            for (long id = 0; id < 40; id++) {
                Completions.success(pair.b().receives, id, WorkCompletionOpcode.RECV);
            }
            Completions.none(this, pair.a().sends);
            Completions.none(this, pair.b().receives);
        }
    }

    @Test
    @DisplayName("§2.4(1) sends and receives may complete in one queue, two queue pairs in one queue")
    final void sharedQueue() {
        End a = new End(context, new EndSpec().oneQueue());
        End b = new End(context, new EndSpec(), a.sends);
        new Wiring().connect(a, b);
        assertThat(a.pair.sendCompletionQueue()).isSameAs(a.pair.receiveCompletionQueue());
        for (int i = 0; i < 10; i++) {
            a.receive(i, 0, 64);
            b.receive(100 + i, 0, 64);
            a.post(a.request(200 + i, 0, 8));
            b.post(b.request(300 + i, 0, 8));
        }
        List<Long> ofA = new ArrayList<>();
        List<Long> ofB = new ArrayList<>();
        for (WorkCompletion completion : Completions.take(a.sends, 40)) {
            assertThat(completion.isSuccess()).isTrue();
            (completion.queuePairNumber() == a.pair.number() ? ofA : ofB).add(completion.wrId());
        }
        for (long i = 0; i < 10; i++) {
            assertThat(ofA).contains(i, 200 + i);
            assertThat(ofB).contains(100 + i, 300 + i);
        }
        assertThat(ofA).hasSize(20);
        assertThat(ofB).hasSize(20);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @DisplayName("§2.4 a queue pair may talk to itself")
    final void withItself(QueuePairType type) {
        End end = self(new EndSpec().type(type));
        byte[] sent = end.fill(0, 3000, 9);
        end.receive(1, 8192, 4096);
        end.post(end.request(2, 0, 3000));
        Completions.success(end.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(end.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(end.bytes(8192, 3000)).isEqualTo(sent);
        end.post(end.request(3, 0, 100).write(end.address(16384), end.memory.rkey()));
        Completions.success(end.sends, 3, WorkCompletionOpcode.RDMA_WRITE);
        Deadline.await(
                "the bytes, which an unreliable completion does not wait for",
                () -> Arrays.equals(end.bytes(16384, 100), Arrays.copyOf(sent, 100)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§1 two contexts of a device, and two devices of a fabric, talk to each other")
    final void acrossContexts(boolean otherDevice) {
        End a = new End(context, new EndSpec());
        End b = new End(otherDevice ? openOtherDevice() : openAnother(), new EndSpec());
        new Wiring().connect(a, b);
        for (End[] way : new End[][] {{a, b}, {b, a}}) {
            End from = way[0];
            End to = way[1];
            byte[] sent = from.fill(0, 5000, 3);
            to.receive(1, 8192, 8192);
            from.post(from.request(2, 0, 5000));
            Completions.success(from.sends, 2, WorkCompletionOpcode.SEND);
            Completions.success(to.receives, 1, WorkCompletionOpcode.RECV);
            assertThat(to.bytes(8192, 5000)).isEqualTo(sent);
            if (has(Capability.RDMA_READ)) {
                from.post(from.request(3, 20_000, 5000).read(to.address(8192), to.memory.rkey()));
                Completions.success(from.sends, 3, WorkCompletionOpcode.RDMA_READ);
                assertThat(from.bytes(20_000, 5000)).isEqualTo(sent);
            }
        }
    }

    @Test
    @DisplayName(
            "§2.4(14) a message that is too long: LOC_LEN_ERR there, REM_INV_REQ_ERR here, both in ERR, nothing written")
    final void tooLong() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        End b = pair.b();
        byte[] before = b.fill(0, 64, 8);
        b.receive(1, 0, 15);
        b.receive(2, 0, 64);
        a.post(a.request(3, 0, 16).flags(0));
        Completions.failure(a.sends, 3, WorkCompletionStatus.REM_INV_REQ_ERR);
        Completions.failure(b.receives, 1, WorkCompletionStatus.LOC_LEN_ERR);
        Completions.failure(b.receives, 2, WorkCompletionStatus.WR_FLUSH_ERR);
        a.awaitState(org.rddma.verbs.QueuePairState.ERR);
        b.awaitState(org.rddma.verbs.QueuePairState.ERR);
        assertThat(b.bytes(15, 49)).isEqualTo(Arrays.copyOfRange(before, 15, 64));
    }
}
