package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Windows that a verb binds: verbs-semantics §2.6. */
@Needs(Capability.MEMORY_WINDOW_TYPE_1)
public abstract class MemoryWindowType1Conformance extends WindowSuite {
    private MemoryWindow window;

    @BeforeEach
    final void allocate() {
        window = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
    }

    private int bind(MemoryWindowBind bind) {
        assertThat(host.pair.bindMemoryWindow(window, bind)).isTrue();
        Completions.success(host.sends, 77, WorkCompletionOpcode.BIND_MW);
        return window.rkey();
    }

    @Test
    @DisplayName("§2.6 a new window belongs to its domain, has its type, and its key opens nothing")
    final void unbound() {
        assertThat(window.protectionDomain()).isSameAs(host.domain);
        assertThat(window.type()).isEqualTo(MemoryWindowType.TYPE_1);
        isDeniedWrite(window.rkey(), 0, 8);
        isDeniedWrite(MemoryWindow.incrementRkey(window.rkey()), 0, 8);
    }

    @Test
    @DisplayName("§2.6 a bind gives another key, of which the upper 24 bits stay; by it the bytes shown can be reached")
    final void bound() {
        int before = window.rkey();
        int rkey = bind(showing(100, 50, RIGHTS));
        assertThat(rkey).isNotEqualTo(before);
        assertThat(rkey >>> 8).isEqualTo(before >>> 8);
        writes(rkey, 100, 50);
        writes(rkey, 149, 1);
        if (has(Capability.RDMA_READ)) {
            guest.post(guest.request(3, 1000, 50).read(host.address(100), rkey));
            Completions.success(guest.sends, 3, WorkCompletionOpcode.RDMA_READ);
            assertThat(guest.bytes(1000, 50)).isEqualTo(host.bytes(100, 50));
        }
    }

    @Test
    @DisplayName("§2.6 one byte beside what is shown: REM_ACCESS_ERR, although the region goes on there")
    final void range() {
        int rkey = bind(showing(100, 50, RIGHTS));
        isDeniedWrite(rkey, 99, 8);
        isDeniedWrite(rkey, 143, 8);
        isDeniedWrite(rkey, 150, 1);
        isDeniedWrite(rkey, 0, 50);
        writes(rkey, 142, 8);
    }

    @Test
    @DisplayName("§2.6 a right that the window does not give: REM_ACCESS_ERR, although the region gives it")
    final void rights() {
        int readOnly = bind(showing(0, 64, AccessFlags.REMOTE_READ));
        isDeniedWrite(readOnly, 0, 8);
        int writeOnly = bind(showing(0, 64, AccessFlags.REMOTE_WRITE));
        if (has(Capability.RDMA_READ)) {
            isDenied(guest.request(2, 0, 8).read(host.address(0), writeOnly));
        }
        if (has(Capability.ATOMICS)) {
            isDenied(guest.request(2, 0, 8).fetchAndAdd(host.address(0), writeOnly, 1));
            int atomic = bind(showing(0, 64, AccessFlags.REMOTE_ATOMIC));
            guest.post(guest.request(2, 0, 8).fetchAndAdd(host.address(0), atomic, 1));
            Completions.success(guest.sends, 2, WorkCompletionOpcode.FETCH_ADD);
            isDeniedWrite(atomic, 0, 8);
        }
    }

    @Test
    @DisplayName("§2.6 bound again: the old key opens nothing, the new one what is shown now")
    final void rebound() {
        int first = bind(showing(0, 64, RIGHTS));
        int second = bind(showing(64, 64, RIGHTS));
        assertThat(second).isNotEqualTo(first);
        isDeniedWrite(first, 0, 8);
        isDeniedWrite(first, 64, 8);
        isDeniedWrite(second, 0, 8);
        writes(second, 64, 64);
        for (int i = 0; i < 600; i++) { // the low byte goes round
            int before = window.rkey();
            assertThat(bind(showing(0, 64, RIGHTS))).isNotEqualTo(before);
        }
        writes(window.rkey(), 0, 8);
    }

    @Test
    @DisplayName("§2.6 a bind of no bytes takes the key away; then the region can be closed, and the window bound anew")
    final void unbind() {
        MemoryRegion region = host.domain.allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
        int rkey = bind(showing(region, 0, 64, RIGHTS));
        refused("close", Errno.EBUSY, region::close);
        bind(new MemoryWindowBind().wrId(77).flags(org.rddma.verbs.SendFlags.SIGNALED));
        isDenied(guest.request(2, 0, 8).write(region.address(), rkey));
        isDenied(guest.request(2, 0, 8).write(region.address(), window.rkey()));
        region.close();
        writes(bind(showing(0, 8, RIGHTS)), 0, 8);
    }

    @Test
    @DisplayName("§2.6 every queue pair of the domain can be reached through it, none of another domain")
    final void anyQueuePair() {
        int rkey = bind(showing(0, 64, RIGHTS));
        End other = new End(context, new EndSpec());
        QueuePair second = host.createPair(new EndSpec());
        new Wiring().connect(other.pair, second);
        other.post(other.request(5, 0, 8).write(host.address(0), rkey));
        Completions.success(other.sends, 5, WorkCompletionOpcode.RDMA_WRITE);
        End stranger = new End(context, new EndSpec());
        End elsewhere = new End(host.context, new EndSpec());
        new Wiring().connect(stranger, elsewhere);
        stranger.post(stranger.request(6, 0, 8).write(host.address(0), rkey));
        Completions.failure(stranger.sends, 6, WorkCompletionStatus.REM_ACCESS_ERR);
    }

    @Test
    @Needs(Capability.UNRELIABLE_CONNECTION)
    @DisplayName("§2.3 an unreliable connection can bind and be reached through a window too")
    final void unreliable() {
        End far = new End(context, new EndSpec().type(QueuePairType.UC));
        QueuePair near = host.createPair(new EndSpec().type(QueuePairType.UC));
        new Wiring().connect(far.pair, near);
        assertThat(near.bindMemoryWindow(window, showing(0, 64, RIGHTS))).isTrue();
        Completions.success(host.sends, 77, WorkCompletionOpcode.BIND_MW);
        byte[] sent = far.fill(0, 64, 1);
        far.post(far.request(1, 0, 64).write(host.address(0), window.rkey()));
        Completions.success(far.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        Deadline.await("the bytes", () -> java.util.Arrays.equals(host.bytes(0, 64), sent));
    }

    @Test
    @DisplayName("§2.6 a bind that makes no sense is refused, and the window is as it was")
    final void refusedBinds() {
        int rkey = bind(showing(0, 64, RIGHTS));
        String verb = "bindMemoryWindow";
        ProtectionDomain domain = host.context.allocateProtectionDomain();
        MemoryRegion foreign = domain.allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
        MemoryWindow foreignWindow = domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        MemoryWindowBind good = showing(0, 8, RIGHTS);
        refused(verb, Errno.EINVAL, () -> host.pair.bindMemoryWindow(null, good));
        refused(verb, Errno.EINVAL, () -> host.pair.bindMemoryWindow(window, null));
        MemoryWindowBind nothing = new MemoryWindowBind().show(null, 0, 8, RIGHTS);
        refused(verb, Errno.EINVAL, () -> host.pair.bindMemoryWindow(window, nothing));
        refused(verb, Errno.EPERM, () -> host.pair.bindMemoryWindow(window, showing(foreign, 0, 8, RIGHTS)));
        refused(verb, Errno.EPERM, () -> host.pair.bindMemoryWindow(foreignWindow, good));
        refused(verb, Errno.EPERM, () -> host.pair.bindMemoryWindow(foreignWindow, showing(foreign, 0, 8, RIGHTS)));
        if (has(Capability.MEMORY_WINDOW_TYPE_2)) {
            MemoryWindow other = host.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
            refused(verb, Errno.EINVAL, () -> host.pair.bindMemoryWindow(other, good));
        }
        assertThat(window.rkey()).isEqualTo(rkey);
        writes(rkey, 0, 64);
        QueuePair closed = host.createPair(new EndSpec());
        closed.close();
        refused(verb, Errno.EBADF, () -> closed.bindMemoryWindow(window, good));
        foreign.close(); // nothing is bound to it
    }

    @Test
    @DisplayName("§2.5 MW_BIND_ERR: a region without MW_BIND, bytes outside of it, writing where it is not allowed")
    final void failedBinds() {
        MemoryRegion shut = host.domain.allocateMemory(64, End.ALL_RIGHTS);
        MemoryRegion readOnly = host.domain.allocateMemory(64, AccessFlags.REMOTE_READ | AccessFlags.MW_BIND);
        MemoryWindowBind[] wrong = {
            showing(shut, 0, 8, RIGHTS),
            showing(host.memory, -1, 8, RIGHTS),
            showing(host.memory, host.memory.length() - 7, 8, RIGHTS),
            showing(readOnly, 0, 8, AccessFlags.REMOTE_WRITE),
            showing(readOnly, 0, 8, AccessFlags.REMOTE_ATOMIC),
            showing(host.memory, 0, 8, RIGHTS | AccessFlags.ZERO_BASED), // for type 2 only
        };
        for (MemoryWindowBind bind : wrong) {
            SendRequest behind = host.request(3, 0, 8);
            assertThat(host.pair.bindMemoryWindow(window, bind.flags(0))).isTrue();
            host.post(behind);
            Completions.failure(host.sends, 77, WorkCompletionStatus.MW_BIND_ERR);
            Completions.failure(host.sends, 3, WorkCompletionStatus.WR_FLUSH_ERR);
            host.awaitState(QueuePairState.ERR);
            reconnect();
            isDenied(guest.request(2, 0, 8).write(bind.address(), window.rkey()));
        }
        writes(bind(showing(0, 64, RIGHTS)), 0, 64);
    }

    @Test
    @DisplayName(
            "§2.3 a bind is executed in its turn; unsignalled it makes no completion; a full queue changes nothing")
    final void inTheSendQueue() {
        host.pair.modify(to(QueuePairState.SQD));
        int posted = 0;
        while (host.pair.bindMemoryWindow(window, showing(0, 64, RIGHTS).flags(0))) {
            posted++;
        }
        assertThat(posted).isEqualTo(host.pair.capabilities().maxSendRequests());
        int rkey = window.rkey();
        assertThat(host.pair.bindMemoryWindow(window, showing(0, 64, RIGHTS))).isFalse();
        assertThat(window.rkey()).isEqualTo(rkey);
        host.pair.modify(to(QueuePairState.RTS));
        Completions.none(this, host.sends);
        Deadline.await("the last bind", () -> {
            guest.post(guest.request(1, 0, 8).write(host.address(0), rkey));
            return Completions.next(guest.sends).isSuccess();
        });
    }

    @Test
    @DisplayName("§2.6 a bound window can be closed: its key opens nothing then, and its region can be closed")
    final void closing() {
        MemoryRegion region = host.domain.allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
        int rkey = bind(showing(region, 0, 64, RIGHTS));
        guest.post(guest.request(1, 0, 8).write(region.address(), rkey));
        Completions.success(guest.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(refused("close", Errno.EBUSY, region::close)).hasMessageContaining(window.toString());
        if (has(Capability.REREGISTER)) {
            RegionChange change = new RegionChange().access(End.ALL_RIGHTS);
            refused("reregister", Errno.EBUSY, () -> region.reregister(change));
        }
        window.close();
        window.close();
        isDenied(guest.request(2, 0, 8).write(region.address(), rkey));
        region.close();
    }

    @Test
    @DisplayName("§2.6 a window's key is not a local key: LOC_PROT_ERR")
    final void notLocal() {
        int rkey = bind(showing(0, 64, RIGHTS));
        host.post(new SendRequest().wrId(9).sge(new ScatterGatherElement().set(host.address(0), 8, rkey)));
        Completions.failure(host.sends, 9, WorkCompletionStatus.LOC_PROT_ERR);
    }

    @Test
    @Needs(Capability.INVALIDATE)
    @DisplayName("§2.6 it cannot be invalidated, neither here nor by a peer")
    final void invalidate() {
        int rkey = bind(showing(0, 64, RIGHTS));
        host.post(new SendRequest().wrId(9).invalidateLocal(rkey));
        Completions.failure(host.sends, 9, WorkCompletionStatus.LOC_QP_OP_ERR);
        reconnect();
        writes(rkey, 0, 64);
        host.receive(4, 0, 64);
        guest.post(guest.request(5, 0, 8).sendWithInvalidate(rkey));
        assertThat(Completions.next(host.receives).isSuccess()).isFalse();
        WorkCompletion unused = Completions.next(guest.sends); // either way
        reconnect();
        writes(rkey, 0, 64);
    }

    @Test
    @DisplayName("§2.6 a domain with a window is busy; a closed domain has none to give; no type is refused")
    final void life() {
        ProtectionDomain domain = context.allocateProtectionDomain();
        MemoryWindow one = domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        assertThat(refused("close", Errno.EBUSY, domain::close)).hasMessageContaining(one.toString());
        refused("allocateMemoryWindow", Errno.EINVAL, () -> domain.allocateMemoryWindow(null));
        one.close();
        domain.close();
        refused("allocateMemoryWindow", Errno.EBADF, () -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_1));
    }
}
