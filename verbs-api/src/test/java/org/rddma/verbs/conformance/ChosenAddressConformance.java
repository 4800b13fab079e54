package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Regions whose addresses begin where the caller says: verbs-semantics §2.6. */
@Needs(Capability.CHOSEN_ADDRESS)
public abstract class ChosenAddressConformance extends DeviceConformance {
    private static final int SIZE = 512;

    private End a;
    private End b;

    @BeforeEach
    final void connect() {
        Pair pair = pair(new EndSpec());
        a = pair.a();
        b = pair.b();
    }

    private static byte[] bytes(MemoryRegion region, int offset, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer unused = region.buffer().get(offset, bytes);
        return bytes;
    }

    private MemoryRegion at(long address) {
        return b.domain.registerMemory(ByteBuffer.allocateDirect(SIZE + 8), 4, SIZE, End.ALL_RIGHTS, address);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 0x1000, 0x7FFF_FFFF_FFFF_F000L, 0x8000_0000_0000_0000L, -0x10_0000L, 0xFFFF_FFFFL})
    @DisplayName("§2.6 requests of both sides name its bytes from the chosen address on")
    final void addresses(long address) {
        MemoryRegion region = at(address);
        assertThat(region.address()).isEqualTo(address);
        assertThat(region.length()).isEqualTo(SIZE);
        byte[] sent = a.fill(0, SIZE, address);
        a.post(a.request(1, 0, SIZE).write(address, region.rkey()));
        Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(bytes(region, 0, SIZE)).isEqualTo(sent);
        a.post(a.request(2, 0, 1).write(address + SIZE - 1, region.rkey()));
        Completions.success(a.sends, 2, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(bytes(region, SIZE - 1, 1)).isEqualTo(Arrays.copyOf(sent, 1));
        b.receive(new ReceiveRequest(3, new ScatterGatherElement().set(address + 7, 100, region.lkey())));
        a.post(a.request(4, 0, 100));
        Completions.success(a.sends, 4, WorkCompletionOpcode.SEND);
        Completions.success(b.receives, 3, WorkCompletionOpcode.RECV);
        assertThat(bytes(region, 7, 100)).isEqualTo(Arrays.copyOf(sent, 100));
        a.receive(5, 4096, 64);
        b.post(new SendRequest().wrId(6).flags(SendFlags.SIGNALED).sge(new ScatterGatherElement(region, 10, 64)));
        Completions.success(b.sends, 6, WorkCompletionOpcode.SEND);
        Completions.success(a.receives, 5, WorkCompletionOpcode.RECV);
        assertThat(a.bytes(4096, 64)).isEqualTo(bytes(region, 10, 64));
    }

    @Test
    @DisplayName("§2.6 outside of the chosen range, also by the native address: REM_ACCESS_ERR, LOC_PROT_ERR")
    final void outside() {
        long base = 0x10_0000;
        for (int i = 0; i < 4; i++) {
            connect();
            MemoryRegion region = at(base);
            MemoryRegion plain = b.domain.registerMemory(region.buffer(), End.ALL_RIGHTS);
            long[] wrong = {base - 1, base + SIZE - 7, plain.address(), 0};
            a.post(a.request(1, 0, 8).write(wrong[i], region.rkey()));
            Completions.failure(a.sends, 1, WorkCompletionStatus.REM_ACCESS_ERR);
            connect();
            region = at(base);
            b.post(new SendRequest().wrId(2).sge(new ScatterGatherElement().set(wrong[i], 8, region.lkey())));
            Completions.failure(b.sends, 2, WorkCompletionStatus.LOC_PROT_ERR);
        }
    }

    @Test
    @DisplayName("§2.6 addresses that would wrap around are refused (EINVAL), and what is wrong with any region")
    final void refusedRegions() {
        String verb = "registerMemory";
        ByteBuffer buffer = ByteBuffer.allocateDirect(16);
        int all = End.ALL_RIGHTS;
        refused(verb, Errno.EINVAL, () -> b.domain.registerMemory(buffer, 0, 16, all, -15));
        refused(verb, Errno.EINVAL, () -> b.domain.registerMemory(buffer, 0, 16, all, -1));
        refused(verb, Errno.EINVAL, () -> b.domain.registerMemory(null, 0, 16, all, 0));
        refused(verb, Errno.EINVAL, () -> b.domain.registerMemory(buffer, 1, 16, all, 0));
        refused(verb, Errno.EINVAL, () -> b.domain.registerMemory(buffer, 0, 16, AccessFlags.REMOTE_WRITE, 0));
        refused(verb, Errno.EOPNOTSUPP, () -> b.domain.registerMemory(buffer, 0, 16, 1 << 10, 0));
        refused(verb, Errno.EFAULT, () -> b.domain.registerMemory(ByteBuffer.allocate(16), 0, 16, 0, 0));
        ByteBuffer readOnly = buffer.asReadOnlyBuffer();
        refused(verb, Errno.EACCES, () -> b.domain.registerMemory(readOnly, 0, 16, AccessFlags.LOCAL_WRITE, 0));
        b.pair.close();
        b.memory.close();
        b.domain.close();
        refused(verb, Errno.EBADF, () -> b.domain.registerMemory(buffer, 0, 16, 0, 0));
    }

    @Test
    @DisplayName("§2.6 two regions may have the same addresses: the key decides")
    final void sameAddresses() {
        MemoryRegion first = at(0);
        MemoryRegion second = at(0);
        byte[] sent = a.fill(0, 64, 1);
        a.post(a.request(1, 0, 64).write(0, second.rkey()));
        Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(bytes(second, 0, 64)).isEqualTo(sent);
        assertThat(bytes(first, 0, 64)).isEqualTo(new byte[64]);
    }

    @Test
    @DisplayName("§2.6 ZERO_BASED: addresses are offsets, for registered and for allocated memory")
    final void zeroBased() {
        int rights = End.ALL_RIGHTS | AccessFlags.ZERO_BASED;
        MemoryRegion[] regions = {
            b.domain.registerMemory(ByteBuffer.allocateDirect(SIZE), rights),
            b.domain.registerMemory(ByteBuffer.allocateDirect(SIZE + 8), 8, SIZE, rights),
            b.domain.allocateMemory(SIZE, rights),
        };
        for (MemoryRegion region : regions) {
            assertThat(region.address()).isZero();
            byte[] sent = a.fill(0, SIZE, region.rkey());
            a.post(a.request(1, 0, SIZE).write(0, region.rkey()));
            Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
            assertThat(bytes(region, 0, SIZE)).isEqualTo(sent);
        }
    }

    @Test
    @Needs({Capability.CHOSEN_ADDRESS, Capability.ATOMICS})
    @DisplayName(
            "§2.6 an atomic at an aligned address whose memory is not aligned: it works, or is denied; nothing hangs")
    final void unalignedMemory() {
        for (int shift = 1; shift < 8; shift++) {
            connect();
            MemoryRegion region =
                    b.domain.registerMemory(ByteBuffer.allocateDirect(64), shift, 32, End.ALL_RIGHTS, 0x1000);
            region.buffer().putLong(8, 41);
            a.post(a.request(1, 0, 8).fetchAndAdd(0x1008, region.rkey(), 1));
            WorkCompletion completion = Completions.next(a.sends);
            if (completion.isSuccess()) {
                assertThat(a.memory.buffer().getLong(0)).isEqualTo(41);
                assertThat(region.buffer().getLong(8)).isEqualTo(42);
            } else {
                assertThat(completion.status())
                        .isIn(WorkCompletionStatus.REM_INV_REQ_ERR, WorkCompletionStatus.REM_OP_ERR);
                assertThat(region.buffer().getLong(8)).isEqualTo(41);
            }
        }
    }

    @Test
    @Needs({Capability.CHOSEN_ADDRESS, Capability.ATOMICS})
    @DisplayName("§2.6 what must be aligned is the address that the request names")
    final void unalignedAddress() {
        MemoryRegion region = at(0x1001);
        SendRequest aligned = a.request(1, 0, 8).fetchAndAdd(0x1008, region.rkey(), 1);
        SendRequest unaligned = a.request(2, 0, 8).fetchAndAdd(0x1009, region.rkey(), 1);
        refused("postSend", Errno.EINVAL, () -> a.pair.postSend(unaligned));
        a.post(aligned);
        WorkCompletion completion = Completions.next(a.sends); // memory that is not aligned may be denied
        assertThat(completion.wrId()).isEqualTo(1);
    }
}
