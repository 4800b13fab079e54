package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;

/** Writes, reads and atomics that succeed: verbs-semantics §2.3, §2.4, §2.6. */
public abstract class RemoteMemoryConformance extends DeviceConformance {
    private static final int[] SIZES = {
        0, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 20_000
    };
    private static final int REMOTE = 4096;

    private End a;
    private End b;

    @BeforeEach
    final void connect() {
        Pair pair = pair(new EndSpec(), new Wiring().mtu(Mtu.MTU_256));
        a = pair.a();
        b = pair.b();
    }

    private WorkCompletion done(SendRequest request, WorkCompletionOpcode opcode) {
        a.post(request);
        return Completions.success(a.sends, request.wrId(), opcode);
    }

    @Test
    @DisplayName("§2.4(8) a write puts its bytes there and nothing beside them, and the peer hears nothing")
    final void write() {
        for (int size : SIZES) {
            for (int shift = 0; shift < 9; shift += 3) {
                byte[] before = b.fill(0, 2 * REMOTE + 20_000, size);
                byte[] sent = a.fill(shift, size, size + 1);
                done(
                        a.request(size, shift, size).write(b.address(REMOTE + shift), b.memory.rkey()),
                        WorkCompletionOpcode.RDMA_WRITE);
                System.arraycopy(sent, 0, before, REMOTE + shift, size);
                assertThat(b.bytes(0, before.length)).isEqualTo(before);
            }
        }
        Completions.none(this, b.receives);
    }

    @Needs(Capability.RDMA_READ)
    @Test
    @DisplayName("§2.4 a read fetches its bytes and nothing beside them, and the peer hears nothing")
    final void read() {
        for (int size : SIZES) {
            byte[] there = b.fill(REMOTE, size, size);
            byte[] before = a.fill(0, 2 * REMOTE + 20_000, size + 1);
            WorkCompletion completion = done(
                    a.request(size, REMOTE, size).read(b.address(REMOTE), b.memory.rkey()),
                    WorkCompletionOpcode.RDMA_READ);
            assertThat(completion.byteLength()).isEqualTo(size);
            System.arraycopy(there, 0, before, REMOTE, size);
            assertThat(a.bytes(0, before.length)).isEqualTo(before);
        }
        Completions.none(this, b.receives);
    }

    @Test
    @DisplayName(
            "§2.4(8) a write with immediate consumes a receive, writes nothing into it, and tells the length written")
    final void writeWithImmediate() {
        for (int size : SIZES) {
            byte[] untouched = b.fill(0, 64, 4);
            byte[] sent = a.fill(0, size, size);
            b.receive(77, 0, 64);
            done(
                    a.request(size, 0, size).writeWithImmediate(b.address(REMOTE), b.memory.rkey(), ~size),
                    WorkCompletionOpcode.RDMA_WRITE);
            WorkCompletion receive = Completions.success(b.receives, 77, WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
            assertThat(receive.byteLength()).isEqualTo(size);
            assertThat(receive.hasImmediate()).isTrue();
            assertThat(receive.immediate()).isEqualTo(~size);
            assertThat(receive.isReceive()).isTrue();
            assertThat(b.bytes(REMOTE, size)).isEqualTo(sent);
            assertThat(b.bytes(0, 64)).isEqualTo(untouched);
        }
        b.receive(new org.rddma.verbs.ReceiveRequest().wrId(5)); // no element is needed
        done(
                a.request(6, 0, 8).writeWithImmediate(b.address(REMOTE), b.memory.rkey(), 1),
                WorkCompletionOpcode.RDMA_WRITE);
        Completions.success(b.receives, 5, WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
    }

    @Test
    @DisplayName("§2.4(13) no bytes: neither address nor key of the peer are looked at")
    final void noBytes() {
        SendRequest request = new SendRequest().wrId(1).flags(SendFlags.SIGNALED);
        done(request.write(0xDEAD, 0xBAD), WorkCompletionOpcode.RDMA_WRITE);
        if (has(Capability.RDMA_READ)) {
            assertThat(done(request.read(-1, -1), WorkCompletionOpcode.RDMA_READ)
                            .byteLength())
                    .isZero();
        }
        b.receive(2, 0, 8);
        done(request.writeWithImmediate(0, 0, 9), WorkCompletionOpcode.RDMA_WRITE);
        assertThat(Completions.success(b.receives, 2, WorkCompletionOpcode.RECV_RDMA_WITH_IMM)
                        .byteLength())
                .isZero();
    }

    @Needs(Capability.ATOMICS)
    @Test
    @DisplayName("§2.6 fetch-and-add returns the old value and adds modulo 2^64")
    final void fetchAndAdd() {
        long[][] table = {{0, 1}, {41, 1}, {-1, 1}, {Long.MAX_VALUE, Long.MAX_VALUE}, {5, -6}, {0x0102030405060708L, 0}
        };
        for (long[] row : table) {
            b.memory.buffer().putLong(REMOTE, row[0]);
            a.memory.buffer().putLong(0, 0x5555);
            WorkCompletion completion = done(
                    a.request(1, 0, 8).fetchAndAdd(b.address(REMOTE), b.memory.rkey(), row[1]),
                    WorkCompletionOpcode.FETCH_ADD);
            assertThat(completion.byteLength()).isEqualTo(8);
            assertThat(a.memory.buffer().getLong(0)).isEqualTo(row[0]);
            assertThat(b.memory.buffer().getLong(REMOTE)).isEqualTo(row[0] + row[1]);
        }
    }

    @Needs(Capability.ATOMICS)
    @Test
    @DisplayName("§2.6 compare-and-swap returns the old value, and stores only if it is the expected one")
    final void compareAndSwap() {
        long[][] table = {{7, 7, 9}, {7, 8, 9}, {-1, -1, 0}, {0, -1, 5}, {Long.MIN_VALUE, Long.MIN_VALUE, 1}};
        for (long[] row : table) {
            b.memory.buffer().putLong(REMOTE, row[0]);
            done(
                    a.request(1, 8, 8).compareAndSwap(b.address(REMOTE), b.memory.rkey(), row[1], row[2]),
                    WorkCompletionOpcode.COMP_SWAP);
            assertThat(a.memory.buffer().getLong(8)).isEqualTo(row[0]);
            assertThat(b.memory.buffer().getLong(REMOTE)).isEqualTo(row[0] == row[1] ? row[2] : row[0]);
        }
    }

    @Needs(Capability.ATOMICS)
    @Test
    @DisplayName("§2.6 the old value of an atomic may be scattered over odd pieces")
    final void atomicScattered() {
        long value = 0x1122_3344_5566_7788L;
        b.memory.buffer().putLong(REMOTE, value);
        done(
                new SendRequest()
                        .wrId(1)
                        .flags(SendFlags.SIGNALED)
                        .sges(a.piece(101, 3), a.piece(200, 0), a.piece(301, 1), a.piece(403, 4))
                        .fetchAndAdd(b.address(REMOTE), b.memory.rkey(), 1),
                WorkCompletionOpcode.FETCH_ADD);
        java.nio.ByteBuffer result = java.nio.ByteBuffer.allocate(8).order(java.nio.ByteOrder.nativeOrder());
        result.put(a.bytes(101, 3)).put(a.bytes(301, 1)).put(a.bytes(403, 4)).flip();
        assertThat(result.getLong()).isEqualTo(value);
    }

    @Needs(Capability.ATOMICS)
    @Test
    @DisplayName("§2.6 atomics of several queue pairs on one word: none is lost")
    final void atomicsAreAtomic() throws Throwable {
        int each = Math.max(load(20_000), 1_000);
        b.memory.buffer().putLong(REMOTE, 0);
        java.util.List<Deadline.Running> adders = new java.util.ArrayList<>();
        for (int i = 0; i < 3; i++) {
            End adder = new End(context, new EndSpec());
            org.rddma.verbs.QueuePair peer = b.createPair(new EndSpec());
            new Wiring().connect(adder.pair, peer);
            adders.add(Deadline.start("adds, " + i, () -> {
                SendRequest add = adder.request(1, 0, 8).fetchAndAdd(b.address(REMOTE), b.memory.rkey(), 1);
                long before = -1;
                for (int k = 0; k < each; k++) {
                    adder.post(add);
                    assertThat(Completions.next(adder.sends).isSuccess()).isTrue();
                    long old = adder.memory.buffer().getLong(0);
                    assertThat(old).isGreaterThan(before);
                    before = old;
                }
            }));
        }
        for (Deadline.Running adder : adders) {
            adder.join(java.time.Duration.ofSeconds(20));
        }
        assertThat(b.memory.buffer().getLong(REMOTE)).isEqualTo(3L * each);
    }

    @Needs({Capability.RDMA_READ, Capability.ATOMICS})
    @Test
    @DisplayName("§2.4(6) requests of one queue pair are executed in order: what is written before is read after")
    final void inOrder() {
        for (int fence : new int[] {0, SendFlags.FENCE}) {
            SendRequest add = a.request(3, 64, 8).fetchAndAdd(b.address(REMOTE), b.memory.rkey(), 5);
            SendRequest read = a.request(2, 32, 8)
                    .read(b.address(REMOTE), b.memory.rkey())
                    .flags(SendFlags.SIGNALED | fence)
                    .next(add);
            SendRequest write =
                    a.request(1, 0, 8).write(b.address(REMOTE), b.memory.rkey()).next(read);
            SendRequest readAgain =
                    a.request(4, 96, 8).read(b.address(REMOTE), b.memory.rkey()).flags(SendFlags.SIGNALED | fence);
            add.next(readAgain);
            a.memory.buffer().putLong(0, 1000 + fence);
            a.post(write);
            Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
            Completions.success(a.sends, 2, WorkCompletionOpcode.RDMA_READ);
            Completions.success(a.sends, 3, WorkCompletionOpcode.FETCH_ADD);
            Completions.success(a.sends, 4, WorkCompletionOpcode.RDMA_READ);
            assertThat(a.memory.buffer().getLong(32)).isEqualTo(1000 + fence);
            assertThat(a.memory.buffer().getLong(64)).isEqualTo(1000 + fence);
            assertThat(a.memory.buffer().getLong(96)).isEqualTo(1005 + fence);
        }
    }

    @Test
    @Needs({Capability.RDMA_READ, Capability.ATOMICS})
    @DisplayName(
            "§2.4(6) a fenced request begins when the reads and atomics before it are done: it sends what they fetched")
    final void fence() {
        for (int i = 0; i < 200; i++) {
            byte[] there = b.fill(REMOTE, 1000, i);
            b.memory.buffer().putLong(2 * REMOTE, i);
            a.fill(0, 1008, -i);
            b.receive(9, 3 * REMOTE, 1008);
            SendRequest send = a.request(3, 0, 1008).flags(SendFlags.SIGNALED | SendFlags.FENCE);
            SendRequest add = a.request(2, 1000, 8)
                    .flags(0)
                    .fetchAndAdd(b.address(2 * REMOTE), b.memory.rkey(), 1)
                    .next(send);
            a.post(a.request(1, 0, 1000)
                    .flags(0)
                    .read(b.address(REMOTE), b.memory.rkey())
                    .next(add));
            Completions.success(a.sends, 3, WorkCompletionOpcode.SEND);
            Completions.success(b.receives, 9, WorkCompletionOpcode.RECV);
            assertThat(b.bytes(3 * REMOTE, 1000)).isEqualTo(there);
            assertThat(b.memory.buffer().getLong(3 * REMOTE + 1000)).isEqualTo(i);
        }
    }

    @Test
    @Needs(Capability.ATOMICS)
    @DisplayName("§2.6 atomics, where the device says so, are atomic against the processor too")
    final void atomicAgainstProcessor() throws Throwable {
        if (context.device().attributes().atomicCapability() != org.rddma.verbs.AtomicCapability.GLOB) {
            return;
        }
        int each = Math.max(load(20_000), 1_000);
        java.lang.invoke.VarHandle words =
                java.lang.invoke.MethodHandles.byteBufferViewVarHandle(long[].class, java.nio.ByteOrder.nativeOrder());
        java.nio.ByteBuffer there = b.memory.buffer();
        there.putLong(REMOTE, 0);
        Deadline.Running processor = Deadline.start("adds", () -> {
            for (int i = 0; i < each; i++) {
                long unused = (long) words.getAndAdd(there, REMOTE, 1L);
            }
        });
        SendRequest add = a.request(1, 0, 8).fetchAndAdd(b.address(REMOTE), b.memory.rkey(), 1L << 32);
        for (int i = 0; i < each; i++) {
            done(add, WorkCompletionOpcode.FETCH_ADD);
        }
        processor.join();
        assertThat((long) words.getVolatile(there, REMOTE)).isEqualTo(each * 0x1_0000_0001L);
    }

    @Test
    @DisplayName("§2.6 the same memory may be registered twice, a part of it with rights of its own")
    final void overlappingRegions() {
        MemoryRegion part = b.domain.registerMemory(b.memory.buffer(), REMOTE + 3, 100, End.ALL_RIGHTS);
        assertThat(part.address()).isEqualTo(b.address(REMOTE + 3));
        assertThat(part.length()).isEqualTo(100);
        assertThat(part.buffer().capacity()).isEqualTo(100);
        assertThat(part.rkey()).isNotEqualTo(b.memory.rkey());
        byte[] sent = a.fill(0, 100, 1);
        done(a.request(1, 0, 100).write(part.address(), part.rkey()), WorkCompletionOpcode.RDMA_WRITE);
        assertThat(b.bytes(REMOTE + 3, 100)).isEqualTo(sent);
        part.close();
        done(a.request(2, 0, 100).write(part.address(), b.memory.rkey()), WorkCompletionOpcode.RDMA_WRITE);
    }

    @Test
    @DisplayName("§2.4 one who polls the memory for the last byte of a write finds all bytes before it")
    final void lastByteIsLast() throws Throwable {
        int size = 200;
        java.nio.ByteBuffer there = b.memory.buffer();
        int rounds = Math.max(load(20_000), 2_000);
        Deadline.Running reader = Deadline.start("polls memory", () -> {
            java.lang.invoke.VarHandle bytes = java.lang.invoke.MethodHandles.byteBufferViewVarHandle(
                    long[].class, java.nio.ByteOrder.nativeOrder());
            for (long round = 1; round <= rounds; round++) {
                long expected = round * 0x0101_0101_0101_0101L;
                while ((long) bytes.getAcquire(there, REMOTE + size - 8) != expected) {
                    Thread.onSpinWait();
                }
                for (int at = 0; at < size; at += 8) {
                    assertThat(there.getLong(REMOTE + at)).isEqualTo(expected);
                }
                bytes.setRelease(there, 0, round); // go on
            }
        });
        SendRequest write = a.request(1, 0, size).write(b.address(REMOTE), b.memory.rkey());
        for (long round = 1; round <= rounds && reader.isAlive(); round++) {
            for (int at = 0; at < size; at += 8) {
                a.memory.buffer().putLong(at, round * 0x0101_0101_0101_0101L);
            }
            a.post(write);
            assertThat(Completions.next(a.sends).isSuccess()).isTrue();
            long wanted = round;
            Deadline.await("the reader", () -> b.memory.buffer().getLong(0) == wanted || !reader.isAlive());
        }
        reader.join();
    }

    @Needs(Capability.UNRELIABLE_CONNECTION)
    @Test
    @DisplayName("§2.3 UC: writes with and without immediate arrive")
    final void unreliableWrites() {
        Pair pair = pair(new EndSpec().type(QueuePairType.UC));
        byte[] sent = pair.a().fill(0, 5000, 1);
        pair.a()
                .post(pair.a()
                        .request(1, 0, 5000)
                        .write(pair.b().address(8192), pair.b().memory.rkey()));
        Completions.success(pair.a().sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        Deadline.await("the bytes", () -> java.util.Arrays.equals(pair.b().bytes(8192, 5000), sent));
        pair.b().receive(2, 0, 0);
        pair.a()
                .post(pair.a()
                        .request(3, 0, 5000)
                        .writeWithImmediate(
                                pair.b().address(16384), pair.b().memory.rkey(), 4));
        Completions.success(pair.a().sends, 3, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(Completions.success(pair.b().receives, 2, WorkCompletionOpcode.RECV_RDMA_WITH_IMM)
                        .byteLength())
                .isEqualTo(5000);
        assertThat(pair.b().bytes(16384, 5000)).isEqualTo(sent);
    }
}
