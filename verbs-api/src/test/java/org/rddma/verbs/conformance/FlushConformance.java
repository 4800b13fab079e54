package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Flushes of what was written, for visibility and for persistence: verbs-semantics §2.3, §2.6. */
@Needs(Capability.FLUSH)
public abstract class FlushConformance extends DeviceConformance {
    private static final int FLUSH_RIGHTS = AccessFlags.FLUSH_GLOBAL | AccessFlags.FLUSH_PERSISTENT;
    private static final int GLOBAL = FlushPlacement.GLOBAL;
    private static final int PERSISTENT = FlushPlacement.PERSISTENT;

    private End a;
    private End b;

    @BeforeEach
    final void connect() {
        connect(AccessFlags.REMOTE_WRITE | FLUSH_RIGHTS);
    }

    private void connect(int rights) {
        Pair pair = pair(new EndSpec().access(End.ALL_RIGHTS | AccessFlags.FLUSH_GLOBAL), new Wiring().access(rights));
        a = pair.a();
        b = pair.b();
    }

    private static SendRequest flush(long address, int rkey, long length, int placement, FlushLevel level) {
        return new SendRequest().wrId(9).flags(SendFlags.SIGNALED).flush(address, rkey, length, placement, level);
    }

    private SendRequest flush(int offset, long length, int placement, FlushLevel level) {
        return flush(b.address(offset), b.memory.rkey(), length, placement, level);
    }

    private void done(SendRequest request) {
        a.post(request);
        Completions.success(a.sends, 9, WorkCompletionOpcode.FLUSH);
    }

    @Test
    @DisplayName("§2.6 a flush for visibility completes as itself, behind the writes before it; the peer hears nothing")
    final void global() {
        byte[] sent = a.fill(0, 5000, 1);
        a.post(a.request(1, 0, 5000)
                .write(b.address(8192), b.memory.rkey())
                .flags(0)
                .next(flush(8192, 5000, GLOBAL, FlushLevel.RANGE)));
        Completions.success(a.sends, 9, WorkCompletionOpcode.FLUSH);
        assertThat(b.bytes(8192, 5000)).isEqualTo(sent);
        Completions.none(this, b.receives);
        done(flush(b.memory.length() - 1, 1, GLOBAL, FlushLevel.RANGE));
    }

    @Test
    @DisplayName("§2.6 of a whole region neither address nor length are looked at; of a range both are")
    final void levels() {
        done(flush(0xDEAD, b.memory.rkey(), 1L << 31, GLOBAL, FlushLevel.REGION));
        done(flush(-1, b.memory.rkey(), 0, GLOBAL, FlushLevel.REGION));
        fails(flush(-1, 8, GLOBAL, FlushLevel.RANGE), WorkCompletionStatus.REM_ACCESS_ERR);
        fails(flush(0, b.memory.length() + 1L, GLOBAL, FlushLevel.RANGE), WorkCompletionStatus.REM_ACCESS_ERR);
    }

    private void fails(SendRequest request, WorkCompletionStatus... statuses) {
        a.post(request);
        var completion = Completions.next(a.sends);
        assertThat(completion.wrId()).isEqualTo(9);
        assertThat(completion.status()).isIn((Object[]) statuses);
        a.awaitState(QueuePairState.ERR);
        connect();
    }

    @Test
    @DisplayName(
            "§2.6 the region must have the right for it: REM_ACCESS_ERR, also for persistence with only visibility")
    final void regionRights() {
        WorkCompletionStatus denied = WorkCompletionStatus.REM_ACCESS_ERR;
        fails(flush(0, 8, PERSISTENT, FlushLevel.RANGE), denied);
        fails(flush(0, 8, PERSISTENT, FlushLevel.REGION), denied);
        fails(flush(0, 8, GLOBAL | PERSISTENT, FlushLevel.RANGE), denied);
        MemoryRegion bare = b.domain.allocateMemory(64, End.ALL_RIGHTS);
        fails(flush(bare.address(), bare.rkey(), 8, GLOBAL, FlushLevel.RANGE), denied);
        fails(flush(b.address(0), b.memory.rkey() ^ 1, 8, GLOBAL, FlushLevel.RANGE), denied);
        MemoryRegion foreign =
                b.context.allocateProtectionDomain().allocateMemory(64, End.ALL_RIGHTS | AccessFlags.FLUSH_GLOBAL);
        fails(flush(foreign.address(), foreign.rkey(), 8, GLOBAL, FlushLevel.REGION), denied);
        MemoryRegion closed = b.domain.allocateMemory(64, AccessFlags.FLUSH_GLOBAL);
        closed.close();
        fails(flush(closed.address(), closed.rkey(), 8, GLOBAL, FlushLevel.REGION), denied);
    }

    @Test
    @DisplayName("§2.6 the queue pair must allow it as well")
    final void queuePairRights() {
        connect(AccessFlags.REMOTE_WRITE);
        fails(
                flush(0, 8, GLOBAL, FlushLevel.RANGE),
                WorkCompletionStatus.REM_INV_REQ_ERR,
                WorkCompletionStatus.REM_ACCESS_ERR);
        connect(AccessFlags.REMOTE_WRITE | AccessFlags.FLUSH_PERSISTENT);
        fails(
                flush(0, 8, GLOBAL, FlushLevel.RANGE),
                WorkCompletionStatus.REM_INV_REQ_ERR,
                WorkCompletionStatus.REM_ACCESS_ERR);
        connect(AccessFlags.FLUSH_GLOBAL);
        done(flush(0, 8, GLOBAL, FlushLevel.RANGE));
    }

    @Test
    @DisplayName("§2.6 a flush for persistence: what was written to a mapped file's memory is in the file")
    final void persistent() throws IOException {
        Pair here = pairHere(new EndSpec(), new Wiring().access(AccessFlags.REMOTE_WRITE | FLUSH_RIGHTS));
        a = here.a();
        b = here.b();
        Path path = Files.createTempFile("flush", ".bin");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemoryRegion region = b.domain.registerMemory(
                    file.map(FileChannel.MapMode.READ_WRITE, 0, 8192), End.ALL_RIGHTS | FLUSH_RIGHTS);
            byte[] sent = a.fill(0, 100, 4);
            a.post(a.request(1, 0, 100).write(region.address() + 4090, region.rkey()));
            Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
            done(flush(region.address() + 4090, region.rkey(), 100, PERSISTENT, FlushLevel.RANGE));
            done(flush(region.address(), region.rkey(), 8192, GLOBAL | PERSISTENT, FlushLevel.RANGE));
            done(flush(0, region.rkey(), 0, PERSISTENT, FlushLevel.REGION));
            ByteBuffer read = ByteBuffer.allocate(100);
            assertThat(file.read(read, 4090)).isEqualTo(100);
            assertThat(read.array()).isEqualTo(sent);
        } finally {
            Files.delete(path);
        }
    }

    @Test
    @DisplayName("§2.6 no placement, an unknown one, no level, lengths that are none, elements: refused (EINVAL)")
    final void refusedPosts() {
        SendRequest[] wrong = {
            flush(0, 8, 0, FlushLevel.RANGE),
            flush(0, 8, 4, FlushLevel.RANGE),
            flush(0, 8, GLOBAL, null),
            flush(0, -1, GLOBAL, FlushLevel.RANGE),
            flush(0, 8, GLOBAL, FlushLevel.RANGE).sge(a.piece(0, 8)),
            flush(0, 8, GLOBAL, FlushLevel.RANGE).flags(SendFlags.INLINE),
        };
        for (SendRequest request : wrong) {
            assertThat(refused("postSend", Errno.EINVAL, () -> a.pair.postSend(request))
                            .badRequest())
                    .containsSame(request);
        }
        done(flush(0, 8, GLOBAL, FlushLevel.RANGE));
    }

    @Test
    @DisplayName("§2.3 neither unreliable connections nor datagrams can do it (EINVAL)")
    final void otherTypes() {
        if (has(Capability.UNRELIABLE_CONNECTION)) {
            Pair pair = pair(new EndSpec().type(QueuePairType.UC));
            SendRequest request = flush(0, 8, GLOBAL, FlushLevel.RANGE);
            refused("postSend", Errno.EINVAL, () -> pair.a().pair.postSend(request));
        }
        if (has(Capability.DATAGRAM)) {
            Pair pair = pair(new EndSpec().type(QueuePairType.UD));
            SendRequest request = flush(0, 8, GLOBAL, FlushLevel.RANGE)
                    .datagram(
                            pair.a().domain.createAddressHandle(AddressVector.to(Wiring.gidOf(context))),
                            pair.b().pair.number(),
                            Wiring.QKEY);
            refused("postSend", Errno.EINVAL, () -> pair.a().pair.postSend(request));
        }
    }
}
