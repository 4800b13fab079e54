package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendOperations;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;

/** Batches, one call per operation: verbs-semantics §2.2, §2.8. */
public abstract class SendBuilderConformance extends DeviceConformance {
    private static final int SIGNALED = SendFlags.SIGNALED;

    private End a;
    private End b;
    private SendBuilder builder;

    @BeforeEach
    final void connect() {
        int memory = End.ALL_RIGHTS;
        int remote = AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;
        if (has(Capability.MEMORY_WINDOW_TYPE_2)) {
            memory |= AccessFlags.MW_BIND;
        }
        if (has(Capability.FLUSH)) {
            memory |= AccessFlags.FLUSH_GLOBAL;
            remote |= AccessFlags.FLUSH_GLOBAL;
        }
        Pair pair = pair(new EndSpec().access(memory).depth(16), new Wiring().access(remote));
        a = pair.a();
        b = pair.b();
        builder = a.pair.sendBuilder();
    }

    private SendBuilder sge(SendBuilder operation, int offset, int length) {
        return operation.sge(a.memory.lkey(), a.address(offset), length);
    }

    private void write(long id, int flags) {
        sge(builder.wrId(id).flags(flags).write(b.address(64), b.memory.rkey()), 0, 8);
    }

    private void works() {
        builder.start();
        write(1000, SIGNALED);
        assertThat(builder.complete()).isTrue();
        Completions.success(a.sends, 1000, WorkCompletionOpcode.RDMA_WRITE);
        Completions.none(this, a.sends);
    }

    @Test
    @DisplayName("§2.3 sends and writes, with and without immediate, do what the same requests do when they are posted")
    final void sendsAndWrites() {
        byte[] sent = a.fill(0, 400, 1);
        b.receive(1, 0, 100);
        b.receive(2, 100, 100);
        b.receive(3, 200, 0);
        builder.start();
        builder.wrId(11).flags(SIGNALED);
        sge(builder.send(), 0, 100);
        sge(builder.sendWithImmediate(0x01020304), 100, 100);
        sge(builder.write(b.address(4096), b.memory.rkey()), 200, 100);
        sge(builder.wrId(12).writeWithImmediate(b.address(8192), b.memory.rkey(), 5), 300, 100);
        assertThat(builder.complete()).isTrue();
        Completions.success(a.sends, 11, WorkCompletionOpcode.SEND);
        Completions.success(a.sends, 11, WorkCompletionOpcode.SEND);
        Completions.success(a.sends, 11, WorkCompletionOpcode.RDMA_WRITE);
        Completions.success(a.sends, 12, WorkCompletionOpcode.RDMA_WRITE);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(Completions.success(b.receives, 2, WorkCompletionOpcode.RECV).immediate())
                .isEqualTo(0x01020304);
        assertThat(Completions.success(b.receives, 3, WorkCompletionOpcode.RECV_RDMA_WITH_IMM)
                        .immediate())
                .isEqualTo(5);
        byte[] there = new byte[400];
        System.arraycopy(b.bytes(0, 200), 0, there, 0, 200);
        System.arraycopy(b.bytes(4096, 100), 0, there, 200, 100);
        System.arraycopy(b.bytes(8192, 100), 0, there, 300, 100);
        assertThat(there).isEqualTo(sent);
    }

    @Test
    @Needs({Capability.RDMA_READ, Capability.ATOMICS})
    @DisplayName("§2.3 reads and atomics")
    final void readsAndAtomics() {
        b.memory.buffer().putLong(64, 41);
        builder.start();
        builder.flags(SIGNALED);
        sge(builder.wrId(1).read(b.address(64), b.memory.rkey()), 0, 8);
        sge(builder.wrId(2).fetchAndAdd(b.address(64), b.memory.rkey(), 1), 8, 8);
        sge(builder.wrId(3).compareAndSwap(b.address(64), b.memory.rkey(), 42, 99), 16, 8);
        assertThat(builder.complete()).isTrue();
        Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_READ);
        Completions.success(a.sends, 2, WorkCompletionOpcode.FETCH_ADD);
        Completions.success(a.sends, 3, WorkCompletionOpcode.COMP_SWAP);
        assertThat(a.memory.buffer().getLong(0)).isEqualTo(41);
        assertThat(a.memory.buffer().getLong(8)).isEqualTo(41);
        assertThat(a.memory.buffer().getLong(16)).isEqualTo(42);
        assertThat(b.memory.buffer().getLong(64)).isEqualTo(99);
    }

    @Test
    @Needs({Capability.ATOMIC_WRITE, Capability.FLUSH})
    @DisplayName("§2.3 atomic writes, of a value that is given with the call, and flushes")
    final void atomicWriteAndFlush() {
        builder.start();
        builder.flags(SIGNALED);
        builder.wrId(1).atomicWrite(b.address(64), b.memory.rkey(), 0x1122_3344_5566_7788L);
        builder.wrId(2).flush(b.address(64), b.memory.rkey(), 8, FlushPlacement.GLOBAL, FlushLevel.RANGE);
        assertThat(builder.complete()).isTrue();
        Completions.success(a.sends, 1, WorkCompletionOpcode.ATOMIC_WRITE);
        Completions.success(a.sends, 2, WorkCompletionOpcode.FLUSH);
        assertThat(b.memory.buffer().getLong(64)).isEqualTo(0x1122_3344_5566_7788L);
    }

    @Test
    @Needs({Capability.MEMORY_WINDOW_TYPE_2, Capability.INVALIDATE})
    @DisplayName("§2.3 binds, and invalidations here and there")
    final void windows() {
        MemoryWindow own = a.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        MemoryWindow theirs = b.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        int key = MemoryWindow.incrementRkey(own.rkey());
        int theirKey = MemoryWindow.incrementRkey(theirs.rkey());
        SendBuilder peer = b.pair.sendBuilder();
        peer.start();
        peer.wrId(1)
                .flags(SIGNALED)
                .bindMemoryWindow(
                        theirs,
                        theirKey,
                        new MemoryWindowBind().show(b.memory, b.address(0), 64, AccessFlags.REMOTE_WRITE));
        assertThat(peer.complete()).isTrue();
        Completions.success(b.sends, 1, WorkCompletionOpcode.BIND_MW);
        b.receive(2, 0, 8);
        builder.start();
        builder.flags(SIGNALED)
                .bindMemoryWindow(
                        own, key, new MemoryWindowBind().show(a.memory, a.address(0), 64, AccessFlags.REMOTE_WRITE));
        builder.invalidateLocal(key);
        sge(builder.sendWithInvalidate(theirKey), 0, 8);
        assertThat(builder.complete()).isTrue();
        Completions.success(a.sends, 0, WorkCompletionOpcode.BIND_MW);
        Completions.success(a.sends, 0, WorkCompletionOpcode.LOCAL_INV);
        Completions.success(a.sends, 0, WorkCompletionOpcode.SEND);
        assertThat(Completions.success(b.receives, 2, WorkCompletionOpcode.RECV).invalidatedRkey())
                .isEqualTo(theirKey);
    }

    @Test
    @DisplayName("man ibv_wr_post: id and flags hold for what follows until they are set again")
    final void idsAndFlags() {
        builder.start();
        builder.wrId(1).flags(SIGNALED);
        sge(builder.write(b.address(64), b.memory.rkey()), 0, 8);
        sge(builder.write(b.address(64), b.memory.rkey()), 0, 8);
        builder.flags(0);
        sge(builder.wrId(2).write(b.address(64), b.memory.rkey()), 0, 8);
        builder.flags(SIGNALED);
        sge(builder.wrId(3).write(b.address(64), b.memory.rkey()), 0, 8);
        assertThat(builder.complete()).isTrue();
        for (long id : new long[] {1, 1, 3}) {
            Completions.success(a.sends, id, WorkCompletionOpcode.RDMA_WRITE);
        }
        Completions.none(this, a.sends);
    }

    @Test
    @DisplayName("§2.4 data: one element, a list of them, none")
    final void data() {
        byte[] sent = a.fill(0, 100, 5);
        b.receive(1, 0, 100);
        b.receive(2, 100, 100);
        ScatterGatherElement[] pieces = {a.piece(3, 7), a.piece(0, 0), a.piece(50, 9)};
        builder.start();
        builder.flags(SIGNALED).send().sges(pieces);
        builder.send();
        assertThat(builder.complete()).isTrue();
        assertThat(Completions.success(b.receives, 1, WorkCompletionOpcode.RECV).byteLength())
                .isEqualTo(16);
        assertThat(Completions.success(b.receives, 2, WorkCompletionOpcode.RECV).byteLength())
                .isZero();
        byte[] expected = new byte[16];
        System.arraycopy(sent, 3, expected, 0, 7);
        System.arraycopy(sent, 50, expected, 7, 9);
        assertThat(b.bytes(0, 16)).isEqualTo(expected);
    }

    @Test
    @Needs(Capability.INLINE)
    @DisplayName("§2.3 inline data may be changed as soon as the batch is completed")
    final void inline() {
        ByteBuffer data = ByteBuffer.allocate(20).put(new byte[20]).flip().position(4);
        for (int i = 4; i < 20; i++) {
            data.put(i, (byte) i);
        }
        a.pair.modify(to(QueuePairState.SQD));
        b.receive(1, 0, 64);
        builder.start();
        builder.wrId(2).flags(SIGNALED).send().inlineData(data);
        assertThat(builder.complete()).isTrue();
        assertThat(data.position()).isEqualTo(4);
        data.put(4, (byte) -1);
        a.pair.modify(to(QueuePairState.RTS));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        assertThat(Completions.success(b.receives, 1, WorkCompletionOpcode.RECV).byteLength())
                .isEqualTo(16);
        assertThat(b.bytes(0, 1)[0]).isEqualTo((byte) 4);
        builder.start();
        write(1, SIGNALED);
        builder.send().inlineData(ByteBuffer.allocate(a.pair.capabilities().maxInlineData() + 1));
        refused("complete", Errno.EINVAL, builder::complete);
        works();
    }

    @Test
    @Needs(Capability.DATAGRAM)
    @DisplayName("§2.3 datagrams, each to where it is told; without an address the batch is refused")
    final void datagrams() {
        Pair pair = pair(new EndSpec().type(QueuePairType.UD));
        End from = pair.a();
        AddressHandle way = from.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(pair.b().context)));
        AddressHandle wayBack = from.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context)));
        SendBuilder batch = from.pair.sendBuilder();
        pair.b().receive(1, 0, 200);
        from.receive(2, 0, 200);
        batch.start();
        batch.flags(SIGNALED)
                .send()
                .sge(from.memory.lkey(), from.address(0), 8)
                .datagram(way, pair.b().pair.number(), Wiring.QKEY);
        batch.sendWithImmediate(9).datagram(wayBack, from.pair.number(), Wiring.QKEY);
        assertThat(batch.complete()).isTrue();
        Completions.success(pair.b().receives, 1, WorkCompletionOpcode.RECV);
        assertThat(Completions.success(from.receives, 2, WorkCompletionOpcode.RECV)
                        .immediate())
                .isEqualTo(9);
        assertThat(Completions.take(from.sends, 2)).allMatch(WorkCompletion::isSuccess);
        batch.start();
        batch.send().datagram(way, pair.b().pair.number(), Wiring.QKEY);
        batch.send();
        refused("complete", Errno.EINVAL, batch::complete);
        batch.start();
        batch.write(0, 0).datagram(way, pair.b().pair.number(), Wiring.QKEY);
        refused("complete", Errno.EINVAL, batch::complete);
        Completions.none(this, from.sends);
    }

    /** A batch of which one operation is wrong: nothing of it is posted. */
    private void nothingIsPosted(int errno, Consumer<SendBuilder> wrong) {
        byte[] before = b.bytes(64, 8);
        a.fill(0, 8, System.nanoTime());
        builder.start();
        write(1, SIGNALED);
        wrong.accept(builder);
        write(2, SIGNALED);
        refused("complete", errno, builder::complete);
        Completions.none(this, a.sends);
        assertThat(b.bytes(64, 8)).isEqualTo(before);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
        refused("complete", Errno.EINVAL, builder::complete); // the batch has ended
        works();
    }

    @Test
    @DisplayName("§2.2 one operation is wrong: complete says so, and nothing of the batch is posted")
    final void allOrNothing() {
        int tooMany = a.pair.capabilities().maxSendElements() + 1;
        ScatterGatherElement[] many = new ScatterGatherElement[tooMany];
        java.util.Arrays.fill(many, a.piece(0, 1));
        nothingIsPosted(Errno.EINVAL, batch -> batch.send().sges(many));
        nothingIsPosted(Errno.EINVAL, batch -> sge(batch.send(), 0, -1));
        nothingIsPosted(Errno.EINVAL, batch -> batch.send().sges(a.piece(0, 1), null));
        nothingIsPosted(Errno.EINVAL, batch -> batch.send().sges((ScatterGatherElement[]) null));
        nothingIsPosted(Errno.EINVAL, batch -> batch.flags(1 << 20).send());
        if (has(Capability.ATOMICS)) {
            nothingIsPosted(Errno.EINVAL, batch -> sge(batch.fetchAndAdd(b.address(65), b.memory.rkey(), 1), 0, 8));
            nothingIsPosted(Errno.EINVAL, batch -> batch.fetchAndAdd(b.address(64), b.memory.rkey(), 1));
        }
        if (has(Capability.FLUSH)) {
            nothingIsPosted(Errno.EINVAL, batch -> batch.flush(b.address(0), b.memory.rkey(), 8, 0, FlushLevel.RANGE));
        }
        if (!has(Capability.RDMA_READ)) {
            nothingIsPosted(Errno.EOPNOTSUPP, batch -> sge(batch.read(b.address(64), b.memory.rkey()), 0, 8));
        }
    }

    @Test
    @DisplayName("§2.2 data before any operation, and no batch at all, are refused; a second start too (EBUSY)")
    final void outOfOrder() {
        refused("complete", Errno.EINVAL, builder::complete);
        builder.abort();
        builder.start();
        sge(builder, 0, 8);
        refused("complete", Errno.EINVAL, builder::complete);
        builder.start();
        builder.inlineData(ByteBuffer.allocate(1));
        refused("complete", Errno.EINVAL, builder::complete);
        builder.start();
        refused("start", Errno.EBUSY, builder::start);
        write(1, SIGNALED);
        refused("start", Errno.EBUSY, builder::start);
        assertThat(builder.complete()).as("the batch is untouched").isTrue();
        Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        builder.start();
        assertThat(builder.complete()).as("an empty batch").isTrue();
        works();
    }

    @Test
    @DisplayName("what is said before a batch is begun is refused (EINVAL), and is in no batch")
    final void beforeStart() {
        refused("rdma-write", Errno.EINVAL, () -> builder.write(b.address(64), b.memory.rkey()));
        refused("set data", Errno.EINVAL, () -> builder.sge(0, 0, 0));
        works();
        refused("rdma-write", Errno.EINVAL, () -> builder.write(b.address(64), b.memory.rkey()));
        works();
    }

    @Test
    @DisplayName("man ibv_wr_abort: an aborted batch is forgotten, also one that is wrong")
    final void aborted() {
        builder.start();
        write(1, SIGNALED);
        builder.abort();
        refused("complete", Errno.EINVAL, builder::complete);
        builder.start();
        sge(builder.send(), 0, -1);
        builder.abort();
        builder.abort();
        Completions.none(this, a.sends);
        works();
    }

    @Test
    @DisplayName("§2.2 no room for all of it: false, and nothing is posted; room comes by polling")
    final void full() {
        int depth = a.pair.capabilities().maxSendRequests();
        builder.start();
        for (int i = 0; i < depth - 1; i++) {
            write(i, i == depth - 2 ? SIGNALED : 0);
        }
        assertThat(builder.complete()).isTrue();
        for (int attempt = 0; attempt < 3; attempt++) {
            builder.start();
            write(100, SIGNALED);
            write(101, SIGNALED);
            assertThat(builder.complete()).isFalse();
        }
        Completions.success(a.sends, depth - 2, WorkCompletionOpcode.RDMA_WRITE);
        Completions.none(this, a.sends);
        builder.start();
        for (int i = 0; i < depth; i++) {
            write(i, SIGNALED);
        }
        assertThat(builder.complete()).as("all of the queue").isTrue();
        for (int i = 0; i < depth; i++) {
            Completions.success(a.sends, i, WorkCompletionOpcode.RDMA_WRITE);
        }
        builder.start();
        for (int i = 0; i <= depth; i++) {
            write(i, SIGNALED);
        }
        assertThat(builder.complete()).as("more than the queue ever holds").isFalse();
        works();
    }

    @Test
    @DisplayName(
            "§2.8 operations that were not declared at creation are refused (EOPNOTSUPP), declared ones are posted")
    final void declared() {
        EndSpec spec = new EndSpec().operations(SendOperations.SEND | SendOperations.RDMA_WRITE);
        Pair pair = pair(spec);
        SendBuilder batch = pair.a().pair.sendBuilder();
        batch.start();
        batch.wrId(1).flags(SIGNALED).write(pair.b().address(0), pair.b().memory.rkey());
        assertThat(batch.complete()).isTrue();
        Completions.success(pair.a().sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        batch.start();
        batch.wrId(2).write(pair.b().address(0), pair.b().memory.rkey());
        batch.wrId(3).sendWithImmediate(1);
        refused("complete", Errno.EOPNOTSUPP, batch::complete);
        Completions.none(this, pair.a().sends);
        pair.b().receive(4, 0, 8);
        pair.a().post(pair.a().request(5, 0, 8).sendWithImmediate(1)); // holds for the builder only
        Completions.success(pair.a().sends, 5, WorkCompletionOpcode.SEND);
    }

    @Test
    @DisplayName("§2.8 operations that the type cannot do cannot be declared (EOPNOTSUPP)")
    final void undeclarable() {
        refused("createQueuePair", Errno.EOPNOTSUPP, () -> a.createPair(new EndSpec().operations(1 << 20)));
        refused("createQueuePair", Errno.EOPNOTSUPP, () -> a.createPair(new EndSpec().operations(SendOperations.TSO)));
        if (has(Capability.UNRELIABLE_CONNECTION)) {
            EndSpec spec = new EndSpec().type(QueuePairType.UC).operations(SendOperations.RDMA_READ);
            refused("createQueuePair", Errno.EOPNOTSUPP, () -> a.createPair(spec));
        }
        if (has(Capability.DATAGRAM)) {
            EndSpec spec = new EndSpec().type(QueuePairType.UD).operations(SendOperations.RDMA_WRITE);
            refused("createQueuePair", Errno.EOPNOTSUPP, () -> a.createPair(spec));
        }
    }

    @Test
    @DisplayName("§2.2 before RTS a batch is refused (EINVAL); in ERR it is flushed; closed: EBADF")
    final void states() {
        QueuePair pair = a.createPair(new EndSpec());
        SendBuilder batch = pair.sendBuilder();
        for (int i = 0; i < 3; i++) {
            batch.start();
            batch.send();
            refused("complete", Errno.EINVAL, batch::complete);
            if (i == 0) {
                new Wiring().toInit(pair);
            } else if (i == 1) {
                new Wiring().toReceive(pair, Wiring.gidOf(context), pair.number());
            }
        }
        pair.modify(to(QueuePairState.ERR));
        batch.start();
        batch.wrId(1).flags(0).send();
        batch.wrId(2).send();
        assertThat(batch.complete()).isTrue();
        Completions.failure(a.sends, 1, org.rddma.verbs.WorkCompletionStatus.WR_FLUSH_ERR);
        Completions.failure(a.sends, 2, org.rddma.verbs.WorkCompletionStatus.WR_FLUSH_ERR);
        batch.start();
        batch.send();
        pair.close();
        refused("complete", Errno.EBADF, batch::complete);
        refused("sendBuilder", Errno.EBADF, pair::sendBuilder);
    }

    @Test
    @DisplayName("man ibv_wr_post: several builders and posts at once: each batch stays together, nothing is lost")
    final void concurrent() throws Throwable {
        int rounds = Math.max(load(3_000), 500);
        int threads = 3;
        Deadline.Running[] posters = new Deadline.Running[threads];
        for (int t = 0; t < threads - 1; t++) {
            long base = 10L * t;
            posters[t] = Deadline.start("builds, " + t, () -> {
                SendBuilder batch = a.pair.sendBuilder();
                for (int i = 0; i < rounds; i++) {
                    Deadline.await("room", () -> {
                        batch.start();
                        for (int k = 0; k < 4; k++) {
                            batch.wrId(base + k)
                                    .flags(SIGNALED)
                                    .write(b.address(64), b.memory.rkey())
                                    .sge(a.memory.lkey(), a.address(0), 8);
                        }
                        return batch.complete();
                    });
                }
            });
        }
        posters[threads - 1] = Deadline.start("posts", () -> {
            SendRequest request = a.request(90, 0, 8).write(b.address(64), b.memory.rkey());
            for (int i = 0; i < rounds; i++) {
                Deadline.await("room", () -> a.pair.postSend(request) == null);
            }
        });
        int[] counts = new int[threads];
        WorkCompletion completion = new WorkCompletion();
        for (int done = 0; done < (threads - 1) * rounds + rounds; done++) {
            long id = Completions.next(a.sends).wrId();
            counts[id == 90 ? threads - 1 : (int) (id / 10)]++;
            for (int k = 1; id != 90 && k < 4; k++) {
                Deadline.await("the rest of the batch", () -> a.sends.poll(completion));
                assertThat(completion.wrId()).as("a batch is not interleaved").isEqualTo(id + k);
            }
        }
        for (Deadline.Running poster : posters) {
            poster.join();
        }
        assertThat(counts).containsOnly(rounds);
        Completions.none(this, a.sends);
    }
}
