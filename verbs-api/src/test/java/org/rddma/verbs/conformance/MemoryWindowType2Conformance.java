package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.rddma.verbs.conformance.Refusals.refused;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Windows that a work request binds, with a key of the caller's choice: verbs-semantics §2.6. */
@Needs(Capability.MEMORY_WINDOW_TYPE_2)
public abstract class MemoryWindowType2Conformance extends WindowSuite {
    private MemoryWindow window;

    @BeforeEach
    final void allocate() {
        window = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
    }

    private static SendRequest request(MemoryWindow window, int rkey, MemoryWindowBind bind) {
        return new SendRequest().wrId(9).bindMemoryWindow(window, rkey, bind);
    }

    @Test
    @DisplayName("§2.6 the key after a key: the low byte counts up and begins anew after 255, the others stay")
    final void nextKey() {
        assertThat(MemoryWindow.incrementRkey(0x12345600)).isEqualTo(0x12345601);
        assertThat(MemoryWindow.incrementRkey(0x123456FE)).isEqualTo(0x123456FF);
        assertThat(MemoryWindow.incrementRkey(0x123456FF)).isEqualTo(0x12345600);
        assertThat(MemoryWindow.incrementRkey(-1)).isEqualTo(0xFFFFFF00);
    }

    @Test
    @DisplayName("§2.6 a new window has its type and domain, and its key opens nothing")
    final void unbound() {
        assertThat(window.protectionDomain()).isSameAs(host.domain);
        assertThat(window.type()).isEqualTo(MemoryWindowType.TYPE_2);
        isDeniedWrite(window.rkey(), 0, 8);
    }

    @Test
    @DisplayName("§2.6 bound with a chosen key, the bytes shown can be reached by it, and none beside them")
    final void bound() {
        int rkey = bind(window, showing(100, 50, RIGHTS));
        writes(rkey, 100, 50);
        for (int i = 0; i < 3; i++) {
            connectAgain();
            allocate();
            rkey = bind(window, showing(100, 50, RIGHTS));
            SendRequest[] denied = {
                guest.request(2, 0, 8).write(host.address(99), rkey),
                guest.request(2, 0, 8).write(host.address(143), rkey),
                guest.request(2, 0, 8).write(host.address(100), MemoryWindow.incrementRkey(rkey)),
            };
            guest.post(denied[i]);
            Completions.failure(guest.sends, 2, WorkCompletionStatus.REM_ACCESS_ERR);
        }
    }

    @Test
    @DisplayName("§2.6 a bind and a send behind it: the peer that got the key may use it at once")
    final void handedOver() {
        for (int round = 0; round < 20; round++) {
            MemoryWindow one = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
            int rkey = MemoryWindow.incrementRkey(one.rkey());
            host.memory.buffer().putInt(4096, rkey);
            guest.receive(5, 512, 4);
            host.post(request(one, rkey, showing(64, 8, RIGHTS)).next(host.request(6, 4096, 4)));
            Completions.success(guest.receives, 5, WorkCompletionOpcode.RECV);
            writes(guest.memory.buffer().getInt(512), 64, 8);
            Completions.success(host.sends, 6, WorkCompletionOpcode.SEND);
        }
    }

    @Test
    @DisplayName("§2.6 it belongs to the queue pair that bound it: through another REM_ACCESS_ERR")
    final void otherQueuePair() {
        int rkey = bind(window, showing(0, 64, RIGHTS));
        End other = new End(context, new EndSpec());
        QueuePair second = host.createPair(new EndSpec());
        new Wiring().connect(other.pair, second);
        other.post(other.request(5, 0, 8).write(host.address(0), rkey));
        Completions.failure(other.sends, 5, WorkCompletionStatus.REM_ACCESS_ERR);
        writes(rkey, 0, 64);
    }

    @Test
    @DisplayName("§2.6 rights that the window does not give: REM_ACCESS_ERR")
    final void rights() {
        int readOnly = bind(window, showing(0, 64, AccessFlags.REMOTE_READ));
        guest.post(guest.request(2, 0, 8).write(host.address(0), readOnly));
        Completions.failure(guest.sends, 2, WorkCompletionStatus.REM_ACCESS_ERR);
        connectAgain();
        allocate();
        int writeOnly = bind(window, showing(0, 64, AccessFlags.REMOTE_WRITE));
        if (has(Capability.RDMA_READ)) {
            guest.post(guest.request(2, 0, 8).read(host.address(0), writeOnly));
            Completions.failure(guest.sends, 2, WorkCompletionStatus.REM_ACCESS_ERR);
        }
    }

    @Test
    @DisplayName("§2.6 with ZERO_BASED its first byte has the address 0")
    final void zeroBased() {
        int rkey = bind(window, showing(200, 16, RIGHTS | AccessFlags.ZERO_BASED));
        writesTo(rkey, 0, 200, 16);
        writesTo(rkey, 15, 215, 1);
        guest.post(guest.request(2, 0, 8).write(9, rkey));
        Completions.failure(guest.sends, 2, WorkCompletionStatus.REM_ACCESS_ERR);
    }

    /** Fails at the post (EINVAL) or when it is executed (MW_BIND_ERR); the window is not bound by it. */
    private void isRefused(SendRequest request) {
        Throwable thrown = catchThrowable(() -> host.post(request));
        if (thrown == null) {
            Completions.failure(host.sends, 9, WorkCompletionStatus.MW_BIND_ERR);
            host.awaitState(QueuePairState.ERR);
        } else {
            assertThat(thrown).isInstanceOf(VerbsException.class);
            assertThat(((VerbsException) thrown).errno()).isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    @DisplayName("§2.5 MW_BIND_ERR: what is shown has no MW_BIND, lies outside, allows less, or is of another domain")
    final void failedBinds() {
        for (int i = 0; i < 8; i++) {
            connectAgain();
            allocate();
            MemoryRegion shut = host.domain.allocateMemory(64, End.ALL_RIGHTS);
            MemoryRegion readOnly = host.domain.allocateMemory(64, AccessFlags.REMOTE_READ | AccessFlags.MW_BIND);
            MemoryRegion foreign =
                    host.context.allocateProtectionDomain().allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
            MemoryWindowBind[] wrong = {
                showing(shut, 0, 8, RIGHTS),
                showing(host.memory, -1, 8, RIGHTS),
                showing(host.memory, host.memory.length() - 7, 8, RIGHTS),
                showing(readOnly, 0, 8, AccessFlags.REMOTE_WRITE),
                showing(foreign, 0, 8, RIGHTS),
                showing(host.memory, 0, 0, RIGHTS),
                showing(host.memory, 0, 8, RIGHTS | AccessFlags.LOCAL_WRITE), // no right of a window
                showing(host.memory, 0, 8, RIGHTS | AccessFlags.MW_BIND),
            };
            isRefused(request(window, MemoryWindow.incrementRkey(window.rkey()), wrong[i]));
            foreign.close(); // nothing is bound to it
            shut.close();
            readOnly.close();
        }
    }

    @Test
    @DisplayName(
            "§2.6 a bound window cannot be bound again, nor with a key whose upper bits are others; it stays bound")
    final void boundTwice() {
        int rkey = bind(window, showing(0, 64, RIGHTS));
        isRefused(request(window, MemoryWindow.incrementRkey(rkey), showing(64, 64, RIGHTS)));
        assertThat(window.rkey()).isEqualTo(rkey);
        connectAgain();
        allocate();
        isRefused(request(window, window.rkey() ^ 0x100, showing(0, 64, RIGHTS)));
        connectAgain();
        if (has(Capability.MEMORY_WINDOW_TYPE_1)) {
            MemoryWindow other = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
            isRefused(request(other, MemoryWindow.incrementRkey(other.rkey()), showing(0, 64, RIGHTS)));
        }
    }

    @Test
    @DisplayName("§2.6 the key of a window that is closed opens nothing that comes after it, whoever chose the key")
    final void keysAreNotUsedAgain() {
        int rkey = bind(window, showing(0, 64, RIGHTS));
        window.close();
        for (int i = 0; i < 5_000; i++) { // a device may let an index rest for a while
            MemoryRegion region = host.domain.allocateMemory(8, End.ALL_RIGHTS);
            assertThat(region.rkey()).isNotEqualTo(rkey);
            region.close();
        }
    }

    @Test
    @DisplayName("§2.5 MW_BIND_ERR: the window is closed before the bind is executed")
    final void closedBeforeBind() {
        host.pair.modify(to(QueuePairState.SQD));
        int rkey = MemoryWindow.incrementRkey(window.rkey());
        host.post(request(window, rkey, showing(0, 64, RIGHTS)));
        window.close();
        host.pair.modify(to(QueuePairState.RTS));
        Completions.failure(host.sends, 9, WorkCompletionStatus.MW_BIND_ERR);
        connectAgain();
        isDeniedWrite(rkey, 0, 8);
    }

    @Test
    @DisplayName("§2.6 a window of another domain cannot be bound by this queue pair")
    final void foreignWindow() {
        ProtectionDomain domain = host.context.allocateProtectionDomain();
        MemoryWindow foreign = domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        isRefused(request(foreign, MemoryWindow.incrementRkey(foreign.rkey()), showing(0, 64, RIGHTS)));
        connectAgain();
        MemoryRegion its = domain.allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
        isRefused(request(foreign, MemoryWindow.incrementRkey(foreign.rkey()), showing(its, 0, 8, RIGHTS)));
        its.close();
        foreign.close();
        domain.close();
    }

    @Test
    @DisplayName("§2.2 a bind with elements, without a window or a region, is refused (EINVAL) and named")
    final void refusedPosts() {
        int rkey = MemoryWindow.incrementRkey(window.rkey());
        SendRequest[] wrong = {
            request(window, rkey, showing(0, 64, RIGHTS)).sge(host.piece(0, 8)),
            request(null, rkey, showing(0, 64, RIGHTS)),
            request(window, rkey, new MemoryWindowBind().show(null, 0, 8, RIGHTS)),
            request(window, rkey, showing(0, -1, RIGHTS)),
            request(window, rkey, showing(0, 64, RIGHTS)).flags(SendFlags.INLINE),
        };
        for (SendRequest request : wrong) {
            assertThat(refused("postSend", Errno.EINVAL, () -> host.pair.postSend(request))
                            .badRequest())
                    .containsSame(request);
        }
        refused("bindMemoryWindow", Errno.EINVAL, () -> new SendRequest().bindMemoryWindow(window, rkey, null));
        bind(window, showing(0, 64, RIGHTS));
        writes(window.rkey(), 0, 64);
    }

    @Test
    @DisplayName("§2.6 a bound window can be closed, and the region that it showed after it, not before")
    final void closing() {
        MemoryRegion region = host.domain.allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
        int rkey = bind(window, showing(region, 0, 64, RIGHTS));
        assertThat(refused("close", Errno.EBUSY, region::close)).hasMessageContaining(window.toString());
        window.close();
        region.close();
        guest.post(guest.request(2, 0, 8).write(region.address(), rkey));
        Completions.failure(guest.sends, 2, WorkCompletionStatus.REM_ACCESS_ERR);
    }

    @Test
    @DisplayName("§2.4(2) an unsignalled bind that succeeds makes no completion")
    final void unsignalled() {
        int rkey = MemoryWindow.incrementRkey(window.rkey());
        host.post(request(window, rkey, showing(0, 64, RIGHTS)));
        host.post(host.request(10, 0, 8).write(guest.address(0), guest.memory.rkey()));
        WorkCompletion completion = Completions.next(host.sends);
        assertThat(completion.wrId()).isEqualTo(10);
        writes(rkey, 0, 64);
    }
}
