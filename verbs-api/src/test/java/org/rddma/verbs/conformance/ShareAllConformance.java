package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** One region over all memory of the process, and addresses of every kind in it: verbs-semantics §2.6. */
@Needs(Capability.SHARE_ALL)
public abstract class ShareAllConformance extends DeviceConformance {
    private static final int RIGHTS = AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ;
    private static final int[] SIZES = {1, 2, 7, 8, 9, 16, 63, 64, 65, 4096, 65_535, 65_536, 65_537, 200_001};
    private static final int MOST = 256 * 1024;

    /** The first page, an address in the middle of nothing, one of the system, and the last ones of all. */
    private static final long[] NOWHERE = {
        0, 8, 4095, 0x7FFF_FFFF_F000L, 0x0100_0000_0000_0000L, Long.MAX_VALUE - 64, Long.MIN_VALUE, -4096, -1
    };

    @TempDir
    private Path folder;

    private End a;
    private End b;
    private MemoryRegion here;
    private MemoryRegion there;

    @BeforeEach
    final void registerEverything() {
        connect();
    }

    private void connect() {
        Pair pair = pair(new EndSpec().memory(MOST));
        a = pair.a();
        b = pair.b();
        here = a.domain.registerAll(RIGHTS);
        there = b.domain.registerAll(RIGHTS);
    }

    private ByteBuffer ordered(int bytes) {
        return memory(bytes).order(ByteOrder.nativeOrder());
    }

    private static byte[] fill(ByteBuffer buffer, int offset, int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        buffer.put(offset, bytes);
        return bytes;
    }

    private static byte[] bytes(ByteBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer unused = buffer.get(offset, bytes);
        return bytes;
    }

    private ScatterGatherElement at(ByteBuffer buffer, int offset, int length) {
        return at(here.addressOf(buffer, offset), length);
    }

    private ScatterGatherElement at(long address, int length) {
        return new ScatterGatherElement().set(address, length, here.lkey());
    }

    private static SendRequest request(long wrId, ScatterGatherElement element) {
        return new SendRequest().wrId(wrId).sge(element).flags(SendFlags.SIGNALED);
    }

    @Test
    @DisplayName(
            "§2.6 it begins at 0, stands for all there is, shows no bytes of its own, and has the rights asked for")
    final void attributes() {
        assertThat(here.address()).isZero();
        assertThat(here.length()).isEqualTo(Integer.MAX_VALUE);
        assertThat(here.buffer().capacity()).isZero();
        assertThat(here.access()).isEqualTo(RIGHTS);
        assertThat(here.protectionDomain()).isSameAs(a.domain);
        assertThat(here.lkey()).isNotEqualTo(a.memory.lkey());
        MemoryRegion onDemand = a.domain.registerAll(AccessFlags.ON_DEMAND | AccessFlags.RELAXED_ORDERING);
        assertThat(onDemand.access()).isEqualTo(AccessFlags.ON_DEMAND | AccessFlags.RELAXED_ORDERING);
    }

    @Test
    @DisplayName("§2.6 a message goes from any buffer to any other, each byte and none beside them, at any alignment")
    final void messages() {
        for (int size : SIZES) {
            for (int shift = 0; shift < 9; shift += 3) {
                ByteBuffer from = ordered(shift + size); // made after the registration
                ByteBuffer to = ordered(size + 32);
                byte[] sent = fill(from, shift, size, size);
                byte[] expected = fill(to, 0, size + 32, size + 1);
                ScatterGatherElement place =
                        new ScatterGatherElement().set(there.addressOf(to, 16 - shift), size, there.lkey());
                b.receive(new ReceiveRequest(1, place));
                a.post(request(2, at(from, shift, size)));
                Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
                assertThat(Completions.success(b.receives, 1, WorkCompletionOpcode.RECV)
                                .byteLength())
                        .isEqualTo(size);
                System.arraycopy(sent, 0, expected, 16 - shift, size);
                assertThat(bytes(to, 0, size + 32)).isEqualTo(expected);
            }
        }
    }

    @Test
    @DisplayName("§2.4 writes and reads reach it at the peer, and ordinary memory at the other side")
    final void remote() {
        for (int size : SIZES) {
            ByteBuffer far = ordered(size + 16);
            byte[] expected = fill(far, 0, size + 16, 3);
            byte[] sent = a.fill(0, size, size);
            a.post(a.request(1, 0, size).write(there.addressOf(far, 5), there.rkey()));
            Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
            System.arraycopy(sent, 0, expected, 5, size);
            assertThat(bytes(far, 0, size + 16)).isEqualTo(expected);
            if (has(Capability.RDMA_READ)) {
                byte[] fetched = fill(far, 5, size, size + 1);
                a.post(a.request(2, 0, size).read(there.addressOf(far, 5), there.rkey()));
                Completions.success(a.sends, 2, WorkCompletionOpcode.RDMA_READ);
                assertThat(a.bytes(0, size)).isEqualTo(fetched);
                ByteBuffer near = ordered(size + 3);
                a.post(request(3, at(near, 3, size)).read(there.addressOf(far, 5), there.rkey()));
                Completions.success(a.sends, 3, WorkCompletionOpcode.RDMA_READ);
                assertThat(bytes(near, 3, size)).isEqualTo(fetched);
            }
        }
    }

    @Test
    @DisplayName("§2.2 its elements and those of ordinary regions stand in one list")
    final void mixedElements() {
        ByteBuffer from = ordered(100);
        ByteBuffer to = ordered(100);
        byte[] first = fill(from, 10, 30, 1);
        byte[] second = a.fill(0, 50, 2);
        b.receive(new ReceiveRequest()
                .wrId(1)
                .sges(b.piece(0, 45), new ScatterGatherElement().set(there.addressOf(to, 1), 35, there.lkey())));
        a.post(new SendRequest().wrId(2).flags(SendFlags.SIGNALED).sges(at(from, 10, 30), a.piece(0, 50)));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        ByteBuffer sent = ByteBuffer.allocate(80).put(first).put(second);
        ByteBuffer arrived = ByteBuffer.allocate(80).put(b.bytes(0, 45)).put(bytes(to, 1, 35));
        assertThat(arrived.array()).isEqualTo(sent.array());
    }

    @Test
    @Needs(Capability.INLINE)
    @DisplayName("§2.3 inline data is taken from it at once; from nowhere the post is refused (EINVAL)")
    final void inline() {
        ByteBuffer from = ordered(16);
        byte[] sent = fill(from, 0, 16, 9);
        b.receive(1, 0, 64);
        a.pair.modify(new QueuePairAttributes().state(QueuePairState.SQD));
        a.post(request(2, at(from, 0, 16)).flags(SendFlags.SIGNALED | SendFlags.INLINE));
        fill(from, 0, 16, 10);
        a.pair.modify(new QueuePairAttributes().state(QueuePairState.RTS));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(b.bytes(0, 16)).isEqualTo(sent);
        for (long address : NOWHERE) {
            SendRequest wrong = request(3, at(address, 16)).flags(SendFlags.INLINE);
            assertThat(refused("postSend", Errno.EINVAL, () -> a.pair.postSend(wrong))
                            .badRequest())
                    .containsSame(wrong);
        }
    }

    @Test
    @Needs({Capability.ATOMICS})
    @DisplayName("§2.4 the old value of an atomic lands in it, in one piece or several; atomics do not go to it")
    final void atomics() {
        b.memory.buffer().putLong(64, 41);
        ByteBuffer old = ordered(32);
        a.post(request(1, at(old, 8, 8)).fetchAndAdd(b.address(64), b.memory.rkey(), 1));
        Completions.success(a.sends, 1, WorkCompletionOpcode.FETCH_ADD);
        assertThat(old.getLong(8)).isEqualTo(41);
        a.post(new SendRequest()
                .wrId(2)
                .flags(SendFlags.SIGNALED)
                .sges(at(old, 0, 3), at(old, 20, 5))
                .fetchAndAdd(b.address(64), b.memory.rkey(), 1));
        Completions.success(a.sends, 2, WorkCompletionOpcode.FETCH_ADD);
        ByteBuffer pieces = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        pieces.put(bytes(old, 0, 3)).put(bytes(old, 20, 5));
        assertThat(pieces.getLong(0)).isEqualTo(42);
        ByteBuffer word = ordered(16);
        long aligned = there.addressOf(word, 0) + 7 & -8;
        fails(a.request(3, 0, 8).fetchAndAdd(aligned, there.rkey(), 1), WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(word.getLong(0)).isZero();
    }

    @Test
    @Needs(Capability.ATOMIC_WRITE)
    @DisplayName("§2.4 atomic writes come from it, and do not go to it")
    final void atomicWrites() {
        ByteBuffer word = ordered(16);
        word.putLong(4, 77);
        a.post(request(1, at(word, 4, 8)).atomicWrite(b.address(64), b.memory.rkey()));
        Completions.success(a.sends, 1, WorkCompletionOpcode.ATOMIC_WRITE);
        assertThat(b.memory.buffer().getLong(64)).isEqualTo(77);
        long aligned = there.addressOf(word, 0) + 7 & -8;
        byte[] before = bytes(word, 0, 16);
        fails(a.request(2, 0, 8).atomicWrite(aligned, there.rkey()), WorkCompletionStatus.REM_INV_REQ_ERR);
        assertThat(bytes(word, 0, 16)).isEqualTo(before);
        for (long address : NOWHERE) {
            fails(
                    request(3, at(address, 8)).atomicWrite(b.address(64), b.memory.rkey()),
                    WorkCompletionStatus.LOC_PROT_ERR);
        }
    }

    /** Posts what must fail so; then begins anew. */
    private void fails(SendRequest request, WorkCompletionStatus status) {
        a.post(request);
        Completions.failure(a.sends, request.wrId(), status);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.ERR);
        connect();
    }

    @Test
    @DisplayName("§2.5 an address where nothing is: LOC_PROT_ERR at the own side, REM_ACCESS_ERR at the peer's")
    final void nowhere() {
        for (long address : NOWHERE) {
            unreachable(address, 16, true);
            unreachable(address, 100_000, true);
        }
    }

    private void unreachable(long address, int length, boolean readToo) {
        if (readToo) {
            b.receive(10, 0, length); // a send is looked at only when the peer is ready
            fails(request(1, at(address, length)), WorkCompletionStatus.LOC_PROT_ERR);
            fails(
                    request(2, at(address, length)).write(b.address(0), b.memory.rkey()),
                    WorkCompletionStatus.LOC_PROT_ERR);
        }
        fails(a.request(3, 0, length).write(address, there.rkey()), WorkCompletionStatus.REM_ACCESS_ERR);
        if (has(Capability.RDMA_READ)) {
            if (readToo) {
                fails(a.request(4, 0, length).read(address, there.rkey()), WorkCompletionStatus.REM_ACCESS_ERR);
            }
            fails(
                    request(5, at(address, length)).read(b.address(0), b.memory.rkey()),
                    WorkCompletionStatus.LOC_PROT_ERR);
        }
        b.receive(new ReceiveRequest(6, new ScatterGatherElement().set(address, length, there.lkey())));
        a.post(a.request(7, 0, length));
        Completions.failure(b.receives, 6, WorkCompletionStatus.LOC_PROT_ERR);
        Completions.failure(a.sends, 7, WorkCompletionStatus.REM_OP_ERR);
        connect();
        b.receive(8, 0, 0);
        a.post(a.request(9, 0, length).writeWithImmediate(address, there.rkey(), 5));
        boolean comesInPieces = !completesInPost() && length > Mtu.MTU_1024.bytes();
        Completions.failure( // the first piece fails, and the receive is for the last
                b.receives, 8, comesInPieces ? WorkCompletionStatus.WR_FLUSH_ERR : WorkCompletionStatus.LOC_ACCESS_ERR);
        Completions.failure(a.sends, 9, WorkCompletionStatus.REM_ACCESS_ERR);
        connect();
    }

    @Test
    @DisplayName("§2.5 no bytes are moved nowhere: the address is not looked at")
    final void nothingNowhere() {
        for (long address : NOWHERE) {
            b.receive(1, 0, 64);
            a.post(request(2, at(address, 0)));
            Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
            Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
            a.post(a.request(3, 0, 0).write(address, there.rkey()));
            Completions.success(a.sends, 3, WorkCompletionOpcode.RDMA_WRITE);
        }
    }

    private FileChannel file(int bytes) throws IOException {
        Path path = folder.resolve("memory");
        Files.write(path, new byte[bytes]);
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Test
    @DisplayName("§2.5 memory that the system holds read-only can be read and never written, whatever the rights say")
    final void readOnlyMemory() throws IOException {
        try (FileChannel file = file(8192)) {
            ByteBuffer readOnly = file.map(FileChannel.MapMode.READ_ONLY, 0, 8192);
            b.receive(1, 0, 4096);
            a.post(request(2, at(readOnly, 100, 4096)));
            Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
            Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
            unreachable(here.addressOf(readOnly, 16), 64, false);
            assertThat(bytes(readOnly, 0, 8192)).containsOnly(0);
        }
    }

    @Test
    @DisplayName("§2.5 a file that was cut off under its mapping ends in an error, also where the range begins before")
    final void truncatedFile() throws IOException {
        try (FileChannel file = file(16384)) {
            ByteBuffer mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, 16384);
            long page = here.addressOf(mapped, 8192);
            file.truncate(4096);
            unreachable(page, 64, true);
            unreachable(page - 8192, 12_000, true);
        }
    }

    @Test
    @DisplayName("§2.6 its rights are kept to: no remote ones, no write; no local one, no receive")
    final void rights() {
        ByteBuffer buffer = ordered(64);
        long address = there.addressOf(buffer, 0);
        MemoryRegion local = b.domain.registerAll(AccessFlags.LOCAL_WRITE);
        fails(a.request(1, 0, 8).write(address, local.rkey()), WorkCompletionStatus.REM_ACCESS_ERR);
        if (has(Capability.RDMA_READ)) {
            local = b.domain.registerAll(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
            fails(a.request(2, 0, 8).read(address, local.rkey()), WorkCompletionStatus.REM_ACCESS_ERR);
        }
        MemoryRegion onlyRead = b.domain.registerAll(AccessFlags.REMOTE_READ);
        b.receive(new ReceiveRequest(3, new ScatterGatherElement().set(address, 8, onlyRead.lkey())));
        a.post(a.request(4, 0, 8));
        Completions.failure(b.receives, 3, WorkCompletionStatus.LOC_PROT_ERR);
        Completions.failure(a.sends, 4, WorkCompletionStatus.REM_OP_ERR);
        assertThat(bytes(buffer, 0, 64)).containsOnly(0);
    }

    @Test
    @DisplayName("§2.6 its key is good in its own domain only, and no longer than it is registered")
    final void keys() {
        ByteBuffer buffer = ordered(64);
        MemoryRegion foreign = a.context.allocateProtectionDomain().registerAll(RIGHTS);
        fails(
                request(1, new ScatterGatherElement().set(here.addressOf(buffer, 0), 8, foreign.lkey())),
                WorkCompletionStatus.LOC_PROT_ERR);
        here.close();
        ScatterGatherElement late = new ScatterGatherElement().set(there.addressOf(buffer, 0), 8, here.lkey());
        fails(request(2, late), WorkCompletionStatus.LOC_PROT_ERR);
        there.close();
        fails(a.request(3, 0, 8).write(here.addressOf(buffer, 0), there.rkey()), WorkCompletionStatus.REM_ACCESS_ERR);
    }

    @Test
    @DisplayName("§2.6 rights that make no sense are refused, and so is another registration of it")
    final void refusals() {
        for (int wrong : new int[] {
            AccessFlags.REMOTE_ATOMIC | AccessFlags.LOCAL_WRITE,
            AccessFlags.MW_BIND,
            AccessFlags.ZERO_BASED,
            AccessFlags.HUGETLB,
            AccessFlags.FLUSH_PERSISTENT,
            1 << 15
        }) {
            refused("registerAll", Errno.EOPNOTSUPP, () -> a.domain.registerAll(wrong));
        }
        refused("registerAll", Errno.EINVAL, () -> a.domain.registerAll(AccessFlags.REMOTE_WRITE));
        for (RegionChange change : List.of(
                new RegionChange().access(0),
                new RegionChange().memory(ordered(8), 0, 8),
                new RegionChange().protectionDomain(a.context.allocateProtectionDomain()))) {
            refused("reregister", Errno.EOPNOTSUPP, () -> here.reregister(change));
        }
        assertThat(here.access()).isEqualTo(RIGHTS);
    }

    @Test
    @DisplayName("§2.6 addresses are told of direct buffers, by regions over all memory that are open")
    final void addresses() {
        ByteBuffer buffer = ordered(64);
        long first = here.addressOf(buffer, 0);
        assertThat(here.addressOf(buffer, 63)).isEqualTo(first + 63);
        assertThat(here.addressOf(buffer.position(8).limit(16), 0)).isEqualTo(first);
        assertThat(here.addressOf(buffer.slice(), 1)).isEqualTo(first + 9);
        assertThat(here.addressOf(a.memory.buffer(), 7)).isEqualTo(a.memory.address() + 7);
        refused("addressOf", Errno.EINVAL, () -> here.addressOf(null, 0));
        refused("addressOf", Errno.EINVAL, () -> here.addressOf(buffer, 64));
        refused("addressOf", Errno.EINVAL, () -> here.addressOf(buffer, -1));
        refused("addressOf", Errno.EFAULT, () -> here.addressOf(ByteBuffer.allocate(8), 0));
        refused("addressOf", Errno.EOPNOTSUPP, () -> a.memory.addressOf(buffer, 0));
        here.close();
        refused("addressOf", Errno.EBADF, () -> here.addressOf(buffer, 0));
    }

    @Test
    @DisplayName(
            "§1.1 registering fails with EBADF in a closed domain, and the domain cannot be closed before the region")
    final void lifeCycle() {
        List<MemoryRegion> regions = new ArrayList<>();
        ProtectionDomain domain = a.context.allocateProtectionDomain();
        for (int i = 0; i < 100; i++) {
            regions.add(domain.registerAll(0));
        }
        refused("close", Errno.EBUSY, domain::close);
        regions.forEach(MemoryRegion::close);
        regions.forEach(MemoryRegion::close);
        domain.close();
        refused("registerAll", Errno.EBADF, () -> domain.registerAll(0));
    }
}
