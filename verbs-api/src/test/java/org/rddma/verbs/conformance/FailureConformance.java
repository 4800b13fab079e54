package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;

/** Work that fails, and with which status: verbs-semantics §2.4(4), §2.5, §2.6. */
public abstract class FailureConformance extends DeviceConformance {
    private static final int LENGTH = 64 * 1024;

    /** Makes a request of an end that talks to another. */
    @FunctionalInterface
    private interface Maker {
        SendRequest make(End a, End b);
    }

    /**
     * Posts a request that must fail here with one status, unsignalled, and one behind it, which must be flushed; the peer
     * has two receives, of which the first ends as given (null: flushed as well, or untouched when the peer need not fail).
     */
    private void fails(Pair pair, SendRequest bad, WorkCompletionStatus status, boolean peerFails) {
        End a = pair.a();
        End b = pair.b();
        byte[] there = b.bytes(0, LENGTH);
        SendRequest behind = a.request(2, 0, 8).flags(0);
        a.post(bad.wrId(1).flags(bad.flags() & ~SendFlags.SIGNALED));
        a.post(behind);
        Completions.failure(a.sends, 1, status);
        Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
        a.awaitState(QueuePairState.ERR);
        Completions.none(this, a.sends);
        if (peerFails) {
            b.awaitState(QueuePairState.ERR);
        } else {
            assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
            Completions.none(this, b.receives);
        }
        assertThat(b.bytes(0, LENGTH)).as("the peer's memory").isEqualTo(there);
    }

    private void locally(String what, Maker maker) {
        Pair pair = pair(new EndSpec());
        pair.b().receive(10, 0, 64);
        SendRequest request = maker.make(pair.a(), pair.b());
        assertThat(what).isNotEmpty();
        if (refusesOpcode(pair.a(), request)) {
            return;
        }
        fails(pair, request, WorkCompletionStatus.LOC_PROT_ERR, false);
    }

    private void remotely(WorkCompletionStatus status, Wiring wiring, Maker maker) {
        for (boolean withImmediate : new boolean[] {false, true}) {
            Pair pair = pair(new EndSpec(), wiring);
            SendRequest request = maker.make(pair.a(), pair.b());
            boolean write = request.opcode() == WorkRequestOpcode.RDMA_WRITE;
            if (withImmediate && !write || refusesOpcode(pair.a(), request)) {
                continue;
            }
            pair.b().receive(10, 0, 64);
            pair.b().receive(11, 0, 64);
            if (withImmediate) {
                request.writeWithImmediate(request.remoteAddress(), request.rkey(), 5);
            }
            fails(pair, request, status, true);
            WorkCompletion first = Completions.next(pair.b().receives);
            assertThat(first.wrId()).isEqualTo(10);
            assertThat(first.status())
                    .isIn(
                            withImmediate
                                    ? new WorkCompletionStatus[] {
                                        WorkCompletionStatus.LOC_ACCESS_ERR, WorkCompletionStatus.WR_FLUSH_ERR
                                    }
                                    : new WorkCompletionStatus[] {WorkCompletionStatus.WR_FLUSH_ERR});
            Completions.failure(pair.b().receives, 11, WorkCompletionStatus.WR_FLUSH_ERR);
        }
    }

    private static SendRequest from(ScatterGatherElement element) {
        return new SendRequest().sge(element);
    }

    @Test
    @DisplayName("§2.5 LOC_PROT_ERR: the local key is unknown, guessed, of a closed region, or out of range")
    final void localKeys() {
        locally("key 0", (a, b) -> from(new ScatterGatherElement().set(a.address(0), 8, 0)));
        for (int difference : new int[] {1, -1, 0x80, 0x100, 0x10000, 0x8000_0000}) {
            locally(
                    "guessed key",
                    (a, b) -> from(
                            new ScatterGatherElement().set(a.address(0), 8, unused(a, a.memory.lkey() ^ difference))));
        }
        locally("closed region", (a, b) -> {
            MemoryRegion closed = a.domain.allocateMemory(64, AccessFlags.LOCAL_WRITE);
            ScatterGatherElement element = new ScatterGatherElement(closed);
            closed.close();
            return from(element);
        });
        locally("one byte before", (a, b) -> from(a.piece(-1, 8)));
        locally("one byte behind", (a, b) -> from(a.piece(LENGTH - 7, 8)));
        locally("far away", (a, b) -> from(new ScatterGatherElement().set(-8, 8, a.memory.lkey())));
        locally("largest", (a, b) -> from(a.piece(0, Integer.MAX_VALUE)));
        locally(
                "address that wraps",
                (a, b) -> from(new ScatterGatherElement().set(Long.MAX_VALUE, Integer.MAX_VALUE, a.memory.lkey())));
        locally("second of two", (a, b) -> new SendRequest().sges(a.piece(0, 8), a.piece(LENGTH, 1)));
    }

    /** The number itself, unless it is by chance the key of the end's own memory. */
    private static int unused(End end, int key) {
        return key == end.memory.lkey() ? key + 2 : key;
    }

    @Test
    @DisplayName("§2.5 LOC_PROT_ERR: memory of another domain or context, for every operation")
    final void localDomain() {
        Context other = openAnother();
        Function<End, MemoryRegion> neighbour =
                a -> a.context.allocateProtectionDomain().allocateMemory(64, End.ALL_RIGHTS);
        Function<End, MemoryRegion> stranger =
                a -> other.allocateProtectionDomain().allocateMemory(64, End.ALL_RIGHTS);
        for (Function<End, MemoryRegion> foreign : java.util.List.of(neighbour, stranger)) {
            locally("send", (a, b) -> from(new ScatterGatherElement(foreign.apply(a))));
            locally(
                    "write",
                    (a, b) -> from(new ScatterGatherElement(foreign.apply(a))).write(b.address(0), b.memory.rkey()));
            locally(
                    "read",
                    (a, b) -> from(new ScatterGatherElement(foreign.apply(a))).read(b.address(0), b.memory.rkey()));
            locally(
                    "atomic",
                    (a, b) -> from(new ScatterGatherElement(foreign.apply(a)))
                            .fetchAndAdd(b.address(0), b.memory.rkey(), 1));
        }
    }

    @Test
    @DisplayName(
            "§2.5 LOC_PROT_ERR: a read or an atomic into memory without LOCAL_WRITE; the peer's word is not changed")
    final void localRights() {
        Maker[] makers = {
            (a, b) -> from(new ScatterGatherElement(a.domain.allocateMemory(8, 0)))
                    .read(b.address(0), b.memory.rkey()),
            (a, b) -> from(new ScatterGatherElement(a.domain.allocateMemory(8, AccessFlags.REMOTE_READ)))
                    .fetchAndAdd(b.address(0), b.memory.rkey(), 1),
            (a, b) -> from(new ScatterGatherElement(a.domain.allocateMemory(8, 0)))
                    .compareAndSwap(b.address(0), b.memory.rkey(), 0, 1),
        };
        for (Maker maker : makers) {
            locally("no LOCAL_WRITE", maker);
        }
    }

    @Test
    @DisplayName("§2.6 sending from memory without any right is allowed: local read is implied")
    final void localReadIsImplied() {
        Pair pair = pair(new EndSpec());
        MemoryRegion bare = pair.a().domain.allocateMemory(64, 0);
        pair.b().receive(1, 0, 64);
        pair.a().post(from(new ScatterGatherElement(bare)).wrId(2).flags(SendFlags.SIGNALED));
        assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
        assertThat(Completions.next(pair.b().receives).isSuccess()).isTrue();
    }

    @Test
    @DisplayName("§2.5 REM_ACCESS_ERR: the remote key is unknown, guessed, of a closed region, or out of range")
    final void remoteKeys() {
        WorkCompletionStatus status = WorkCompletionStatus.REM_ACCESS_ERR;
        Wiring wiring = new Wiring();
        for (int difference : new int[] {1, 0x80, 0x100, 0x8000_0000}) {
            remotely(
                    status,
                    wiring,
                    (a, b) -> a.request(0, 0, 8).write(b.address(0), unused(b, b.memory.rkey() ^ difference)));
        }
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).write(b.address(0), 0));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).read(b.address(0), 0));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).fetchAndAdd(b.address(0), 0, 1));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).write(b.address(-1), b.memory.rkey()));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).write(b.address(LENGTH - 7), b.memory.rkey()));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).read(b.address(LENGTH - 7), b.memory.rkey()));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).write(Long.MAX_VALUE - 3, b.memory.rkey()));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).write(-4, b.memory.rkey()));
        remotely(status, wiring, (a, b) -> a.request(0, 0, 8).fetchAndAdd(b.address(LENGTH), b.memory.rkey(), 1));
        remotely(status, wiring, (a, b) -> {
            MemoryRegion closed = b.domain.allocateMemory(64, End.ALL_RIGHTS);
            closed.close();
            return a.request(0, 0, 8).write(closed.address(), closed.rkey());
        });
        remotely(status, wiring, (a, b) -> { // the next region may get the slot of the closed one, but not its key
            MemoryRegion closed = b.domain.allocateMemory(64, End.ALL_RIGHTS);
            closed.close();
            MemoryRegion next = b.domain.registerMemory(closed.buffer(), End.ALL_RIGHTS);
            assertThat(next.rkey()).isNotEqualTo(closed.rkey());
            return a.request(0, 0, 8).write(next.address(), closed.rkey());
        });
    }

    @Test
    @DisplayName("§2.5 REM_ACCESS_ERR: memory of another domain, or without the right that the operation needs")
    final void remoteRights() {
        WorkCompletionStatus status = WorkCompletionStatus.REM_ACCESS_ERR;
        Wiring wiring = new Wiring();
        int local = AccessFlags.LOCAL_WRITE;
        remotely(status, wiring, (a, b) -> {
            ProtectionDomain other = b.context.allocateProtectionDomain();
            MemoryRegion foreign = other.allocateMemory(64, End.ALL_RIGHTS);
            return a.request(0, 0, 8).write(foreign.address(), foreign.rkey());
        });
        remotely(status, wiring, (a, b) -> {
            MemoryRegion region =
                    b.domain.allocateMemory(64, local | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC);
            return a.request(0, 0, 8).write(region.address(), region.rkey());
        });
        remotely(status, wiring, (a, b) -> {
            MemoryRegion region =
                    b.domain.allocateMemory(64, local | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC);
            return a.request(0, 0, 8).read(region.address(), region.rkey());
        });
        remotely(status, wiring, (a, b) -> {
            MemoryRegion region =
                    b.domain.allocateMemory(64, local | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ);
            return a.request(0, 0, 8).compareAndSwap(region.address(), region.rkey(), 0, 1);
        });
        remotely(
                status,
                wiring,
                (a, b) -> a.request(0, 0, 8).write(a.address(0), a.memory.rkey())); // one's own key is not the peer's
    }

    @Test
    @DisplayName("§2.5 REM_INV_REQ_ERR: the peer's queue pair does not allow the operation at all")
    final void queuePairRights() {
        WorkCompletionStatus status = WorkCompletionStatus.REM_INV_REQ_ERR;
        int read = AccessFlags.REMOTE_READ;
        int write = AccessFlags.REMOTE_WRITE;
        int atomic = AccessFlags.REMOTE_ATOMIC;
        remotely(
                status,
                new Wiring().access(read | atomic),
                (a, b) -> a.request(0, 0, 8).write(b.address(0), b.memory.rkey()));
        remotely(
                status,
                new Wiring().access(write | atomic),
                (a, b) -> a.request(0, 0, 8).read(b.address(0), b.memory.rkey()));
        remotely(
                status,
                new Wiring().access(write | read),
                (a, b) -> a.request(0, 0, 8).fetchAndAdd(b.address(0), b.memory.rkey(), 1));
        remotely(
                status,
                new Wiring().access(0),
                (a, b) -> a.request(0, 0, 8).compareAndSwap(b.address(0), b.memory.rkey(), 0, 1));
    }

    @Test
    @DisplayName("§2.5 a bad element of a receive: LOC_PROT_ERR there, REM_OP_ERR here")
    final void badReceive() {
        ReceiveBreaker[] breakers = {
            b -> new ScatterGatherElement().set(b.address(0), 64, 0),
            b -> b.piece(LENGTH - 63, 64),
            b -> new ScatterGatherElement(b.domain.allocateMemory(64, 0)),
            b -> new ScatterGatherElement(
                    b.context.allocateProtectionDomain().allocateMemory(64, AccessFlags.LOCAL_WRITE)),
        };
        for (ReceiveBreaker breaker : breakers) {
            Pair pair = pair(new EndSpec());
            pair.b().receive(new ReceiveRequest(10, breaker.bad(pair.b())));
            pair.b().receive(11, 0, 64);
            fails(pair, pair.a().request(1, 0, 8), WorkCompletionStatus.REM_OP_ERR, true);
            Completions.failure(pair.b().receives, 10, WorkCompletionStatus.LOC_PROT_ERR);
            Completions.failure(pair.b().receives, 11, WorkCompletionStatus.WR_FLUSH_ERR);
        }
    }

    @FunctionalInterface
    private interface ReceiveBreaker {
        ScatterGatherElement bad(End b);
    }

    @Test
    @DisplayName("§2.5 what completed before a failure stays a success, and its bytes stay")
    final void successBeforeFailure() {
        Pair pair = pair(new EndSpec());
        byte[] sent = pair.a().fill(0, 100, 1);
        pair.b().receive(1, 8192, 100);
        SendRequest bad = pair.a().request(12, 0, 8).write(pair.b().address(0), 0);
        pair.a()
                .post(pair.a()
                        .request(10, 0, 100)
                        .next(pair.a()
                                .request(11, 0, 100)
                                .write(pair.b().address(16384), pair.b().memory.rkey())
                                .next(bad)));
        assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
        assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
        Completions.failure(pair.a().sends, 12, WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(Completions.next(pair.b().receives).isSuccess()).isTrue();
        assertThat(pair.b().bytes(8192, 100)).isEqualTo(sent);
        assertThat(pair.b().bytes(16384, 100)).isEqualTo(sent);
    }

    @Test
    @DisplayName("§2.4(4) a failure flushes both queues of both ends: every request once, in the order of posting")
    final void flushesEverything() {
        int count = 20;
        Pair pair = pair(new EndSpec(), new Wiring().minRnrTimer(5));
        End a = pair.a();
        End b = pair.b();
        b.post(b.request(0, 0, 8)); // waits for a receive, and all behind it with it
        for (int i = 1; i < count; i++) {
            b.post(b.request(i, 0, 8).flags(i % 2 == 0 ? 0 : SendFlags.SIGNALED));
        }
        for (int i = 0; i < count; i++) {
            b.receive(100 + i, 1024, 8);
        }
        SendRequest first = a.request(0, 0, 9);
        SendRequest last = first;
        for (int i = 1; i < count; i++) {
            SendRequest next = a.request(i, 0, 8).flags(i % 3 == 0 ? SendFlags.SIGNALED : 0);
            last.next(next);
            last = next;
        }
        a.post(first); // too long for the receive there
        Completions.failure(a.sends, 0, WorkCompletionStatus.REM_INV_REQ_ERR);
        Completions.failure(b.receives, 100, WorkCompletionStatus.LOC_LEN_ERR);
        for (int i = 1; i < count; i++) {
            Completions.failure(a.sends, i, WorkCompletionStatus.WR_FLUSH_ERR);
            Completions.failure(b.receives, 100 + i, WorkCompletionStatus.WR_FLUSH_ERR);
        }
        for (int i = 0; i < count; i++) {
            Completions.failure(b.sends, i, WorkCompletionStatus.WR_FLUSH_ERR);
        }
        a.receive(200, 0, 8);
        a.receive(201, 0, 8);
        Completions.failure(a.receives, 200, WorkCompletionStatus.WR_FLUSH_ERR);
        Completions.failure(a.receives, 201, WorkCompletionStatus.WR_FLUSH_ERR);
        for (End end : new End[] {a, b}) {
            Completions.none(this, end.sends);
            Completions.none(this, end.receives);
        }
    }

    @Test
    @Needs(Capability.RDMA_READ)
    @DisplayName("§2.5 LOC_QP_OP_ERR: a read of a queue pair that may have none under way, short or long")
    final void noReadsAllowed() {
        for (int length : new int[] {8, 32 * 1024}) {
            Pair pair = new Pair(new End(context, new EndSpec()), far(new EndSpec()));
            Wiring wiring = new Wiring();
            for (End end : new End[] {pair.a(), pair.b()}) {
                End peer = end == pair.a() ? pair.b() : pair.a();
                wiring.toInit(end.pair);
                wiring.toReceive(end.pair, Wiring.gidOf(peer.context), peer.pair.number());
                end.pair.modify(wiring.sendOf(QueuePairType.RC).maxReadAtomic(0));
            }
            SendRequest read = pair.a()
                    .request(1, 0, length)
                    .read(pair.b().address(0), pair.b().memory.rkey());
            pair.a().post(read);
            Completions.failure(pair.a().sends, 1, WorkCompletionStatus.LOC_QP_OP_ERR);
            assertThat(pair.b().pair.state()).isEqualTo(QueuePairState.RTS);
        }
    }

    @Test
    @DisplayName("§2.5 REM_INV_REQ_ERR: a read or an atomic of a peer that answers none at a time")
    final void noReadsAnswered() {
        for (WorkRequestOpcode opcode :
                new WorkRequestOpcode[] {WorkRequestOpcode.RDMA_READ, WorkRequestOpcode.ATOMIC_FETCH_AND_ADD}) {
            Pair pair = new Pair(new End(context, new EndSpec()), far(new EndSpec()));
            Wiring wiring = new Wiring();
            for (End end : new End[] {pair.a(), pair.b()}) {
                End peer = end == pair.a() ? pair.b() : pair.a();
                wiring.toInit(end.pair);
                end.pair.modify(wiring.receiveOf(QueuePairType.RC, Wiring.gidOf(peer.context), peer.pair.number())
                        .maxDestReadAtomic(0));
                wiring.toSend(end.pair);
            }
            SendRequest request = pair.a().request(1, 0, 8);
            long address = pair.b().address(0);
            int rkey = pair.b().memory.rkey();
            if (opcode == WorkRequestOpcode.RDMA_READ) {
                request.read(address, rkey);
            } else {
                request.fetchAndAdd(address, rkey, 1);
            }
            if (refusesOpcode(pair.a(), request)) {
                continue;
            }
            pair.a().post(request);
            Completions.failure(pair.a().sends, 1, WorkCompletionStatus.REM_INV_REQ_ERR);
            pair.b().awaitState(QueuePairState.ERR);
        }
    }

    @Test
    @DisplayName("§2.4(4) what a peer's request breaks flushes the sends too, also those that stand still in SQD")
    final void peerBreaksDrained() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        End b = pair.b();
        b.pair.modify(to(QueuePairState.SQD));
        b.post(b.request(1, 0, 8));
        b.post(b.request(2, 0, 8).flags(0));
        b.receive(3, 0, 8);
        a.post(a.request(4, 0, 9)); // too long for the receive there
        Completions.failure(a.sends, 4, WorkCompletionStatus.REM_INV_REQ_ERR);
        Completions.failure(b.receives, 3, WorkCompletionStatus.LOC_LEN_ERR);
        Completions.failure(b.sends, 1, WorkCompletionStatus.WR_FLUSH_ERR);
        Completions.failure(b.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
        Completions.none(this, b.sends);
    }

    @Test
    @DisplayName("§2.4(5) more flushed requests than the completion queue holds: it overruns, and nothing hangs")
    final void flushOverruns() {
        End end = new End(context, new EndSpec().queueEntries(4));
        int capacity = end.receives.capacity();
        org.rddma.verbs.QueuePair pair = end.createPair(new EndSpec().depth(2 * capacity + 2));
        new Wiring().connect(pair, pair);
        for (int i = 0; i < 2 * capacity; i++) {
            assertThat(pair.postReceive(new ReceiveRequest(i, end.piece(0, 8)))).isNull();
        }
        org.rddma.verbs.QueuePair bystander = end.createPair(new EndSpec());
        new Wiring().connect(bystander, bystander);
        pair.modify(to(QueuePairState.ERR));
        Deadline.await("the overrun", () -> context.asyncEvents().unreadEvents() > 0); // who polls before makes room
        for (int i = 0; i < capacity; i++) {
            Completions.failure(end.receives, i, WorkCompletionStatus.WR_FLUSH_ERR);
        }
        Refusals.refused("poll", org.rddma.verbs.Errno.EOVERFLOW, () -> end.receives.poll(new WorkCompletion()));
        Deadline.await("the others of the queue to fail", () -> bystander.state() == QueuePairState.ERR);
        assertThat(end.pair.state()).as("one that was never used").isEqualTo(QueuePairState.RESET);
    }

    @Test
    @DisplayName("§2.6 a region that is closed while a request waits makes the request fail")
    final void regionClosedWhileWaiting() {
        Pair pair = pair(new EndSpec(), new Wiring().minRnrTimer(5));
        MemoryRegion region = pair.a().domain.allocateMemory(64, 0);
        pair.a().post(new SendRequest().wrId(1).sge(new ScatterGatherElement(region)));
        Completions.none(this, pair.b().receives);
        Pair others = pair(new EndSpec());
        region.close();
        others.b().receive(3, 0, 64);
        others.a().post(others.a().request(4, 0, 8));
        Completions.success(others.b().receives, 3, WorkCompletionOpcode.RECV); // behind what was sent before the close
        pair.b().receive(2, 0, 64);
        Completions.failure(pair.a().sends, 1, WorkCompletionStatus.LOC_PROT_ERR);
    }
}
