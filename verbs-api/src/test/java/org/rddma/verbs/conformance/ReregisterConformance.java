package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Regions that change while they live: verbs-semantics §2.6. */
@Needs(Capability.REREGISTER)
public abstract class ReregisterConformance extends DeviceConformance {
    private static final int SIZE = 256;

    private End a;
    private End b;
    private MemoryRegion region;

    @BeforeEach
    final void connect() {
        Pair pair = pair(new EndSpec());
        a = pair.a();
        b = pair.b();
        region = b.domain.registerMemory(ByteBuffer.allocateDirect(SIZE), End.ALL_RIGHTS);
    }

    private void reconnect() {
        a.pair.modify(to(QueuePairState.RESET));
        b.pair.modify(to(QueuePairState.RESET));
        new Wiring().connect(a, b);
    }

    private void writes(int length) {
        byte[] sent = a.fill(0, length, region.rkey() + length);
        a.post(a.request(1, 0, length).write(region.address(), region.rkey()));
        Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        byte[] there = new byte[length];
        ByteBuffer unused = region.buffer().get(0, there);
        assertThat(there).isEqualTo(sent);
    }

    private void isDenied(SendRequest request) {
        a.post(request.wrId(2));
        Completions.failure(a.sends, 2, WorkCompletionStatus.REM_ACCESS_ERR);
        b.awaitState(QueuePairState.ERR);
        reconnect();
    }

    @Test
    @DisplayName("§2.6 other rights: what is taken away is denied, what is given is allowed; memory and domain stay")
    final void rights() {
        writes(64);
        long address = region.address();
        region.reregister(new RegionChange().access(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_READ));
        assertThat(region.access()).isEqualTo(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_READ);
        assertThat(region.address()).isEqualTo(address);
        assertThat(region.length()).isEqualTo(SIZE);
        assertThat(region.protectionDomain()).isSameAs(b.domain);
        isDenied(a.request(2, 0, 8).write(region.address(), region.rkey()));
        region.reregister(new RegionChange().access(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE));
        writes(64);
        if (has(Capability.RDMA_READ)) {
            isDenied(a.request(2, 0, 8).read(region.address(), region.rkey()));
        }
    }

    @Test
    @DisplayName("§2.6 other rights hold for local use too: without LOCAL_WRITE nothing is received into it")
    final void localRights() {
        region.reregister(new RegionChange().access(0));
        b.receive(new org.rddma.verbs.ReceiveRequest(3, new ScatterGatherElement(region)));
        a.post(a.request(4, 0, 8));
        Completions.failure(a.sends, 4, WorkCompletionStatus.REM_OP_ERR);
        Completions.failure(b.receives, 3, WorkCompletionStatus.LOC_PROT_ERR);
        reconnect();
        region.reregister(new RegionChange().access(AccessFlags.LOCAL_WRITE));
        b.receive(new org.rddma.verbs.ReceiveRequest(5, new ScatterGatherElement(region)));
        a.post(a.request(6, 0, 8));
        Completions.success(a.sends, 6, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 5, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName(
            "§2.6 another domain: queue pairs of the former cannot use it, those of the new can; busy are its domains")
    final void domain() {
        ProtectionDomain former = b.context.allocateProtectionDomain();
        region = former.registerMemory(ByteBuffer.allocateDirect(SIZE), End.ALL_RIGHTS);
        isDenied(a.request(2, 0, 8).write(region.address(), region.rkey()));
        assertThat(refused("close", Errno.EBUSY, former::close)).hasMessageContaining(region.toString());
        region.reregister(new RegionChange().protectionDomain(b.domain));
        assertThat(region.protectionDomain()).isSameAs(b.domain);
        writes(64);
        former.close();
        b.pair.close();
        b.memory.close();
        assertThat(refused("close", Errno.EBUSY, b.domain::close)).hasMessageContaining(region.toString());
        region.close();
    }

    @Test
    @DisplayName("§2.6 the same domain, and the same rights, may be given again")
    final void same() {
        region.reregister(new RegionChange().protectionDomain(b.domain).access(region.access()));
        writes(64);
    }

    @Test
    @Needs({Capability.REREGISTER, Capability.REREGISTER_TRANSLATION})
    @DisplayName(
            "§2.6 other memory: it is used from now on, the former is left alone; size and address are the new ones")
    final void translation() {
        ByteBuffer former = region.buffer();
        writes(64);
        byte[] before = new byte[64];
        ByteBuffer unused = former.get(0, before);
        ByteBuffer other = memory(2 * SIZE);
        region.reregister(new RegionChange().memory(other, 3, SIZE + 100));
        assertThat(region.length()).isEqualTo(SIZE + 100);
        assertThat(region.buffer().capacity()).isEqualTo(SIZE + 100);
        assertThat(region.access()).isEqualTo(End.ALL_RIGHTS);
        writes(SIZE + 100);
        assertThat(other.get(3)).isEqualTo(a.bytes(0, 1)[0]);
        byte[] after = new byte[64];
        unused = former.get(0, after);
        assertThat(after).isEqualTo(before);
        isDenied(a.request(2, 0, 8).write(region.address() + SIZE + 93, region.rkey()));
    }

    @Test
    @Needs({Capability.REREGISTER, Capability.REREGISTER_TRANSLATION})
    @DisplayName("§2.6 memory, domain and rights at once: all of them, or, when one is wrong, none")
    final void everything() {
        ProtectionDomain former = b.context.allocateProtectionDomain();
        ByteBuffer memory = ByteBuffer.allocateDirect(SIZE);
        region = former.registerMemory(memory, AccessFlags.LOCAL_WRITE);
        ByteBuffer other = ByteBuffer.allocateDirect(100);
        RegionChange change = new RegionChange().memory(other, 0, 100).protectionDomain(b.domain);
        refused("reregister", Errno.EINVAL, () -> region.reregister(change.access(AccessFlags.REMOTE_WRITE)));
        assertThat(region.protectionDomain()).isSameAs(former);
        assertThat(region.length()).isEqualTo(SIZE);
        assertThat(region.access()).isEqualTo(AccessFlags.LOCAL_WRITE);
        region.reregister(change.access(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE));
        writes(100);
        former.close();
    }

    @Test
    @DisplayName("§2.6 what is wrong is refused as for a new region, and the region works on as it was")
    final void refusedChanges() {
        String verb = "reregister";
        ProtectionDomain foreign = openAnother().allocateProtectionDomain();
        ProtectionDomain closed = b.context.allocateProtectionDomain();
        closed.close();
        refused(verb, Errno.EINVAL, () -> region.reregister(null));
        refused(verb, Errno.EINVAL, () -> region.reregister(new RegionChange()));
        refused(
                verb,
                Errno.EINVAL,
                () -> region.reregister(new RegionChange().access(3).clear()));
        refused(verb, Errno.EINVAL, () -> region.reregister(new RegionChange().protectionDomain(null)));
        refused(verb, Errno.EINVAL, () -> region.reregister(new RegionChange().protectionDomain(foreign)));
        refused(verb, Errno.EBADF, () -> region.reregister(new RegionChange().protectionDomain(closed)));
        for (int wrong : new int[] {AccessFlags.REMOTE_WRITE, AccessFlags.REMOTE_ATOMIC}) {
            refused(verb, Errno.EINVAL, () -> region.reregister(new RegionChange().access(wrong)));
        }
        for (int unknown : new int[] {1 << 10, 1 << 31}) {
            refused(verb, Errno.EOPNOTSUPP, () -> region.reregister(new RegionChange().access(unknown)));
        }
        if (has(Capability.REREGISTER_TRANSLATION)) {
            ByteBuffer memory = ByteBuffer.allocateDirect(100);
            refused(verb, Errno.EINVAL, () -> region.reregister(new RegionChange().memory(null, 0, 8)));
            refused(
                    verb,
                    Errno.EFAULT,
                    () -> region.reregister(new RegionChange().memory(ByteBuffer.allocate(8), 0, 8)));
            int[][] ranges = {{0, 0}, {0, 101}, {-1, 8}, {100, 1}, {0, -1}, {Integer.MAX_VALUE, 1}};
            for (int[] range : ranges) {
                refused(
                        verb,
                        Errno.EINVAL,
                        () -> region.reregister(new RegionChange().memory(memory, range[0], range[1])));
            }
            refused(
                    verb,
                    Errno.EACCES,
                    () -> region.reregister(new RegionChange().memory(memory.asReadOnlyBuffer(), 0, 8)));
        }
        assertThat(region.protectionDomain()).isSameAs(b.domain);
        assertThat(region.access()).isEqualTo(End.ALL_RIGHTS);
        writes(SIZE);
        foreign.close(); // it has no region
    }

    @Test
    @DisplayName("§2.6 rights to write are not given to read-only memory (EACCES)")
    final void readOnly() {
        MemoryRegion bare = b.domain.registerMemory(ByteBuffer.allocateDirect(8).asReadOnlyBuffer(), 0);
        refused("reregister", Errno.EACCES, () -> bare.reregister(new RegionChange().access(AccessFlags.LOCAL_WRITE)));
        bare.reregister(new RegionChange().access(AccessFlags.REMOTE_READ));
    }

    @Test
    @DisplayName("§2.6 a closed region cannot change (EBADF); one that changed can be closed, and its key is dead then")
    final void closed() {
        region.reregister(new RegionChange().access(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE));
        writes(8);
        region.close();
        refused("reregister", Errno.EBADF, () -> region.reregister(new RegionChange().access(0)));
        isDenied(a.request(2, 0, 8).write(region.address(), region.rkey()));
    }

    @Test
    @DisplayName("§2.6 rights that come and go beside the one in use disturb no request under way")
    final void underTraffic() throws Throwable {
        int messages = Math.max(load(20_000), 1_000);
        Deadline.Running writer = Deadline.start("writes", () -> {
            SendRequest write = a.request(1, 0, SIZE).write(region.address(), region.rkey());
            for (int i = 0; i < messages; i++) {
                a.post(write.flags(SendFlags.SIGNALED));
                Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
            }
        });
        int rkey = region.rkey();
        int rights = AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE;
        while (writer.isAlive()) {
            region.reregister(new RegionChange().access(rights));
            region.reregister(new RegionChange().access(End.ALL_RIGHTS));
            assertThat(region.rkey()).isEqualTo(rkey);
        }
        writer.join();
    }
}
