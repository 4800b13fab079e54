package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Writes of 8 bytes of which nobody sees half: verbs-semantics §2.3, §2.6. */
@Needs(Capability.ATOMIC_WRITE)
public abstract class AtomicWriteConformance extends DeviceConformance {
    private static final int REMOTE = 4096;

    private End a;
    private End b;

    @BeforeEach
    final void connect() {
        Pair pair = pair(new EndSpec());
        a = pair.a();
        b = pair.b();
    }

    private SendRequest atomicWrite(long id) {
        return a.request(id, 0, 8).atomicWrite(b.address(REMOTE), b.memory.rkey());
    }

    @Test
    @DisplayName("§2.6 the 8 bytes are there, and nothing beside them; the peer hears nothing; it completes as itself")
    final void writes() {
        byte[] before = b.fill(REMOTE - 64, 136, 1);
        byte[] sent = a.fill(0, 8, 2);
        a.post(atomicWrite(1));
        Completions.success(a.sends, 1, WorkCompletionOpcode.ATOMIC_WRITE);
        System.arraycopy(sent, 0, before, 64, 8);
        assertThat(b.bytes(REMOTE - 64, 136)).isEqualTo(before);
        Completions.none(this, b.receives);
    }

    @Test
    @DisplayName("§2.6 the bytes may be scattered over odd pieces")
    final void gathered() {
        byte[] sent = a.fill(0, 64, 3);
        a.post(atomicWrite(1).sges(a.piece(1, 3), a.piece(9, 0), a.piece(11, 1), a.piece(21, 4)));
        Completions.success(a.sends, 1, WorkCompletionOpcode.ATOMIC_WRITE);
        assertThat(b.bytes(REMOTE, 8))
                .containsExactly(sent[1], sent[2], sent[3], sent[11], sent[21], sent[22], sent[23], sent[24]);
    }

    @Test
    @Needs({Capability.ATOMIC_WRITE, Capability.INLINE})
    @DisplayName("§2.3 inline: from elements, and from a buffer that is changed as soon as the post returns")
    final void inline() {
        ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(0, 0x1122_3344_5566_7788L);
        a.pair.modify(to(QueuePairState.SQD));
        a.post(atomicWrite(1).inlineData(data).flags(SendFlags.INLINE | SendFlags.SIGNALED));
        data.putLong(0, -1);
        a.pair.modify(to(QueuePairState.RTS));
        Completions.success(a.sends, 1, WorkCompletionOpcode.ATOMIC_WRITE);
        assertThat(b.memory.buffer().getLong(REMOTE)).isEqualTo(0x1122_3344_5566_7788L);
        byte[] sent = a.fill(0, 8, 5);
        a.post(atomicWrite(2).flags(SendFlags.INLINE | SendFlags.SIGNALED));
        Completions.success(a.sends, 2, WorkCompletionOpcode.ATOMIC_WRITE);
        assertThat(b.bytes(REMOTE, 8)).isEqualTo(sent);
    }

    @Test
    @DisplayName("§2.6 an address that is not a multiple of 8, and any length but 8, are refused (EINVAL)")
    final void refusedPosts() {
        byte[] before = b.bytes(REMOTE, 64);
        SendRequest[] wrong = {
            a.request(1, 0, 8).atomicWrite(b.address(REMOTE + 4), b.memory.rkey()),
            a.request(1, 0, 8).atomicWrite(b.address(REMOTE + 1), b.memory.rkey()),
            a.request(1, 0, 7).atomicWrite(b.address(REMOTE), b.memory.rkey()),
            a.request(1, 0, 9).atomicWrite(b.address(REMOTE), b.memory.rkey()),
            a.request(1, 0, 16).atomicWrite(b.address(REMOTE), b.memory.rkey()),
            a.request(1, 0, 0).atomicWrite(b.address(REMOTE), b.memory.rkey()),
            new SendRequest().atomicWrite(b.address(REMOTE), b.memory.rkey()),
        };
        for (SendRequest request : wrong) {
            assertThat(refused("postSend", Errno.EINVAL, () -> a.pair.postSend(request))
                            .badRequest())
                    .containsSame(request);
        }
        assertThat(b.bytes(REMOTE, 64)).isEqualTo(before);
        a.post(atomicWrite(2));
        Completions.success(a.sends, 2, WorkCompletionOpcode.ATOMIC_WRITE);
    }

    private void fails(SendRequest request, WorkCompletionStatus status) {
        byte[] before = b.bytes(REMOTE, 64);
        a.post(request);
        Completions.failure(a.sends, request.wrId(), status);
        b.awaitState(QueuePairState.ERR);
        assertThat(b.bytes(REMOTE, 64)).isEqualTo(before);
        connect();
    }

    @Test
    @DisplayName("§2.5 wrong key, range or right: REM_ACCESS_ERR; a queue pair that allows no writes: REM_INV_REQ_ERR")
    final void denied() {
        WorkCompletionStatus denied = WorkCompletionStatus.REM_ACCESS_ERR;
        fails(a.request(1, 0, 8).atomicWrite(b.address(REMOTE), b.memory.rkey() ^ 1), denied);
        fails(a.request(1, 0, 8).atomicWrite(b.address(b.memory.length()), b.memory.rkey()), denied);
        fails(a.request(1, 0, 8).atomicWrite(-8, b.memory.rkey()), denied);
        MemoryRegion noWrites = b.domain.allocateMemory(
                64, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC);
        fails(a.request(1, 0, 8).atomicWrite(noWrites.address(), noWrites.rkey()), denied);
        MemoryRegion onlyWrites = b.domain.allocateMemory(64, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
        a.post(a.request(1, 0, 8).atomicWrite(onlyWrites.address(), onlyWrites.rkey()));
        Completions.success(a.sends, 1, WorkCompletionOpcode.ATOMIC_WRITE);
        Pair pair = pair(new EndSpec(), new Wiring().access(AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC));
        a = pair.a();
        b = pair.b();
        fails(atomicWrite(1), WorkCompletionStatus.REM_INV_REQ_ERR);
    }

    @Test
    @DisplayName("§2.5 LOC_PROT_ERR: the bytes come from memory that may not be used")
    final void localKey() {
        fails(atomicWrite(1).sge(a.piece(-8, 8)), WorkCompletionStatus.LOC_PROT_ERR, false);
    }

    private void fails(SendRequest request, WorkCompletionStatus status, boolean peerFails) {
        a.post(request);
        Completions.failure(a.sends, request.wrId(), status);
        assertThat(b.pair.state() == QueuePairState.ERR).isEqualTo(peerFails);
    }

    @Test
    @DisplayName("§2.3 neither unreliable connections nor datagrams can do it (EINVAL)")
    final void otherTypes() {
        for (QueuePairType type : new QueuePairType[] {QueuePairType.UC, QueuePairType.UD}) {
            boolean there = type == QueuePairType.UC ? has(Capability.UNRELIABLE_CONNECTION) : has(Capability.DATAGRAM);
            if (!there) {
                continue;
            }
            Pair pair = pair(new EndSpec().type(type));
            SendRequest request = pair.a()
                    .request(1, 0, 8)
                    .atomicWrite(pair.b().address(0), pair.b().memory.rkey());
            if (type == QueuePairType.UD) {
                request.datagram(
                        pair.a().domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context))),
                        pair.b().pair.number(),
                        Wiring.QKEY);
            }
            refused("postSend", Errno.EINVAL, () -> pair.a().pair.postSend(request));
        }
    }

    @Test
    @DisplayName("§2.6 who polls the memory sees the old 8 bytes or the new ones, never half of each")
    final void neverTorn() throws Throwable {
        int rounds = Math.max(load(50_000), 2_000);
        VarHandle words = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
        ByteBuffer there = b.memory.buffer();
        there.putLong(REMOTE, 0);
        Deadline.Running reader = Deadline.start("polls memory", () -> {
            long last = 0;
            while (last != rounds * 0x1_0000_0001L) {
                long now = (long) words.getAcquire(there, REMOTE);
                assertThat((int) now).as("both halves").isEqualTo((int) (now >>> 32));
                assertThat(now).isGreaterThanOrEqualTo(last);
                last = now;
            }
        });
        SendRequest request = atomicWrite(1);
        for (long i = 1; i <= rounds; i++) {
            a.memory.buffer().putLong(0, i * 0x1_0000_0001L);
            a.post(request);
            assertThat(Completions.next(a.sends).isSuccess()).isTrue();
        }
        reader.join();
    }

    @Test
    @DisplayName("§2.4(6) it is executed in its turn: who sees it sees the writes before it")
    final void inOrder() {
        byte[] sent = a.fill(64, 3000, 7);
        a.memory.buffer().putLong(0, 99);
        a.post(a.request(1, 64, 3000)
                .write(b.address(2 * REMOTE), b.memory.rkey())
                .flags(0)
                .next(atomicWrite(2)));
        Deadline.await("the word", () -> b.memory.buffer().getLong(REMOTE) == 99);
        assertThat(b.bytes(2 * REMOTE, 3000)).isEqualTo(sent);
        Completions.success(a.sends, 2, WorkCompletionOpcode.ATOMIC_WRITE);
    }
}
