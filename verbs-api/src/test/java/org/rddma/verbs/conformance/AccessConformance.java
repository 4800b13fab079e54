package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;

/** The matrix of memory that may not be used: every fault, on each side, by every operation: verbs-semantics §2.5, §2.6. */
public abstract class AccessConformance extends DeviceConformance {
    private static final int SIZE = 64;

    /** What is wrong with the memory that a request names. */
    enum Fault {
        UNKNOWN_KEY,
        KEY_OF_OTHER_REGION,
        CLOSED_REGION,
        OTHER_DOMAIN,
        OTHER_CONTEXT,
        ONE_BYTE_BEFORE,
        ONE_BYTE_BEHIND,
        FAR_AWAY,
        FOUR_GIGABYTES_BEFORE,
        NO_RIGHT
    }

    private record Bad(long address, int key) {}

    private Bad bad(End end, Fault fault, int rightsWithout) {
        MemoryRegion good = end.domain.allocateMemory(SIZE, End.ALL_RIGHTS);
        return switch (fault) {
            case UNKNOWN_KEY -> new Bad(good.address(), 0);
            case KEY_OF_OTHER_REGION ->
                new Bad(
                        good.address(),
                        end.domain.allocateMemory(SIZE, End.ALL_RIGHTS).lkey());
            case CLOSED_REGION -> {
                good.close();
                yield new Bad(good.address(), good.lkey());
            }
            case OTHER_DOMAIN -> {
                MemoryRegion foreign = end.context.allocateProtectionDomain().allocateMemory(SIZE, End.ALL_RIGHTS);
                yield new Bad(foreign.address(), foreign.lkey());
            }
            case OTHER_CONTEXT -> {
                Context other = end.context == context ? openAnother() : openOtherDevice();
                MemoryRegion foreign = other.allocateProtectionDomain().allocateMemory(SIZE, End.ALL_RIGHTS);
                yield new Bad(foreign.address(), foreign.lkey());
            }
            case ONE_BYTE_BEFORE -> new Bad(good.address() - 1, good.lkey());
            case ONE_BYTE_BEHIND -> new Bad(good.address() + SIZE - 7, good.lkey());
            case FAR_AWAY -> new Bad(good.address() + (1L << 40), good.lkey());
            case FOUR_GIGABYTES_BEFORE -> new Bad(good.address() - (1L << 32), good.lkey());
            case NO_RIGHT -> {
                MemoryRegion region = end.domain.allocateMemory(SIZE, rightsWithout);
                yield new Bad(region.address(), region.lkey());
            }
        };
    }

    private static SendRequest request(WorkRequestOpcode opcode, End a, long address, int rkey) {
        SendRequest request = a.request(1, 0, 8).flags(0);
        return switch (opcode) {
            case SEND -> request.send();
            case SEND_WITH_IMM -> request.sendWithImmediate(1);
            case RDMA_WRITE -> request.write(address, rkey);
            case RDMA_WRITE_WITH_IMM -> request.writeWithImmediate(address, rkey, 1);
            case RDMA_READ -> request.read(address, rkey);
            case ATOMIC_CMP_AND_SWP -> request.compareAndSwap(address, rkey, 0, 1);
            case ATOMIC_FETCH_AND_ADD -> request.fetchAndAdd(address, rkey, 1);
            case ATOMIC_WRITE -> request.atomicWrite(address, rkey);
            default -> throw new AssertionError(opcode);
        };
    }

    private static boolean scatters(WorkRequestOpcode opcode) {
        return opcode == WorkRequestOpcode.RDMA_READ
                || opcode == WorkRequestOpcode.ATOMIC_CMP_AND_SWP
                || opcode == WorkRequestOpcode.ATOMIC_FETCH_AND_ADD;
    }

    /** Every right but the one that the operation needs at the peer. */
    private static int rightsWithout(WorkRequestOpcode opcode) {
        return End.ALL_RIGHTS
                & ~switch (opcode) {
                    case RDMA_READ -> AccessFlags.REMOTE_READ;
                    case ATOMIC_CMP_AND_SWP, ATOMIC_FETCH_AND_ADD -> AccessFlags.REMOTE_ATOMIC;
                    default -> AccessFlags.REMOTE_WRITE;
                };
    }

    private static boolean needsAlignment(WorkRequestOpcode opcode) {
        return opcode == WorkRequestOpcode.ATOMIC_CMP_AND_SWP
                || opcode == WorkRequestOpcode.ATOMIC_FETCH_AND_ADD
                || opcode == WorkRequestOpcode.ATOMIC_WRITE;
    }

    private static void flushed(End end, long... ids) {
        for (long id : ids) {
            Completions.failure(end.receives, id, WorkCompletionStatus.WR_FLUSH_ERR);
        }
        end.awaitState(QueuePairState.ERR);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "SEND",
                "SEND_WITH_IMM",
                "RDMA_WRITE",
                "RDMA_WRITE_WITH_IMM",
                "RDMA_READ",
                "ATOMIC_CMP_AND_SWP",
                "ATOMIC_FETCH_AND_ADD",
                "ATOMIC_WRITE"
            })
    @DisplayName("§2.5 LOC_PROT_ERR: the own memory, by every fault; the own receives flush, the peer hears nothing")
    final void local(WorkRequestOpcode opcode) {
        for (Fault fault : Fault.values()) {
            if (!has(opcode) || fault == Fault.NO_RIGHT && !scatters(opcode)) {
                continue; // reading the own memory needs no right
            }
            Pair pair = pair(new EndSpec());
            End a = pair.a();
            End b = pair.b();
            byte[] before = b.fill(0, 1024, 1);
            a.receive(10, 0, 8);
            b.receive(11, 0, 8);
            Bad bad = bad(
                    a,
                    fault,
                    End.ALL_RIGHTS & ~(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC));
            a.post(request(opcode, a, b.address(512), b.memory.rkey())
                    .sge(new ScatterGatherElement().set(bad.address, 8, bad.key))
                    .next(a.request(2, 0, 8).flags(0)));
            WorkCompletion first = Completions.next(a.sends);
            assertThat(first.status()).as("%s, %s", opcode, fault).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
            assertThat(first.wrId()).isEqualTo(1);
            Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
            flushed(a, 10);
            Completions.none(this, b.receives);
            assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
            assertThat(b.bytes(0, 1024)).as("%s, %s", opcode, fault).isEqualTo(before);
            a.pair.close();
            b.pair.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "RDMA_WRITE",
                "RDMA_WRITE_WITH_IMM",
                "RDMA_READ",
                "ATOMIC_CMP_AND_SWP",
                "ATOMIC_FETCH_AND_ADD",
                "ATOMIC_WRITE"
            })
    @DisplayName(
            "§2.5 REM_ACCESS_ERR: the peer's memory, by every fault; both fail, all receives flush, nothing changes")
    final void remote(WorkRequestOpcode opcode) {
        for (Fault fault : Fault.values()) {
            boolean odd = fault == Fault.ONE_BYTE_BEFORE || fault == Fault.ONE_BYTE_BEHIND;
            if (!has(opcode) || odd && needsAlignment(opcode)) {
                continue; // refused when it is posted
            }
            Pair pair = pair(new EndSpec());
            End a = pair.a();
            End b = pair.b();
            byte[] here = a.fill(0, 1024, 2);
            a.receive(10, 1024, 8);
            b.receive(11, 1024, 8);
            b.receive(12, 1024, 8);
            Bad bad = bad(b, fault, rightsWithout(opcode));
            a.post(request(opcode, a, bad.address, bad.key)
                    .next(a.request(2, 0, 8).flags(0)));
            WorkCompletion first = Completions.next(a.sends);
            assertThat(first.status()).as("%s, %s", opcode, fault).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
            Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
            flushed(a, 10);
            if (opcode == WorkRequestOpcode.RDMA_WRITE_WITH_IMM) {
                assertThat(Completions.next(b.receives).status())
                        .isIn(WorkCompletionStatus.LOC_ACCESS_ERR, WorkCompletionStatus.WR_FLUSH_ERR);
                flushed(b, 12);
            } else {
                flushed(b, 11, 12);
            }
            assertThat(a.bytes(0, 1024)).as("%s, %s", opcode, fault).isEqualTo(here);
            a.pair.close();
            b.pair.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("§2.5 a receive into memory that may not be used: LOC_PROT_ERR there, REM_OP_ERR here, both flush")
    final void receive(Fault fault) {
        for (int i = 0; i < 2; i++) {
            Pair pair = pair(new EndSpec());
            End a = pair.a();
            End b = pair.b();
            Bad bad = bad(b, fault, AccessFlags.REMOTE_READ);
            a.receive(10, 1024, 8);
            b.receive(new ReceiveRequest(11, new ScatterGatherElement().set(bad.address, 8, bad.key)));
            b.receive(12, 1024, 8);
            SendRequest request = a.request(1, 0, 8).flags(0);
            a.post((i == 0 ? request.send() : request.sendWithImmediate(3))
                    .next(a.request(2, 0, 8).flags(0)));
            Completions.failure(a.sends, 1, WorkCompletionStatus.REM_OP_ERR);
            Completions.failure(a.sends, 2, WorkCompletionStatus.WR_FLUSH_ERR);
            flushed(a, 10);
            Completions.failure(b.receives, 11, WorkCompletionStatus.LOC_PROT_ERR);
            flushed(b, 12);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Needs(Capability.UNRELIABLE_CONNECTION)
    @DisplayName("§2.4(4) UC: own memory that may not be used: LOC_PROT_ERR and SQE; the peer's: dropped, both go on")
    final void unreliable(Fault fault) {
        Pair pair = pair(new EndSpec().type(QueuePairType.UC));
        End a = pair.a();
        End b = pair.b();
        Bad there = bad(b, fault, End.ALL_RIGHTS & ~AccessFlags.REMOTE_WRITE);
        byte[] before = b.fill(0, 1024, 4);
        a.post(a.request(1, 0, 8).write(there.address, there.key));
        assertThat(Completions.next(a.sends).isSuccess()).as("%s", fault).isTrue();
        b.receive(2, 512, 8);
        byte[] sent = a.fill(0, 8, 5);
        a.post(a.request(3, 0, 8));
        assertThat(Completions.next(a.sends).isSuccess()).isTrue();
        assertThat(Completions.next(b.receives).isSuccess()).isTrue();
        System.arraycopy(sent, 0, before, 512, 8);
        assertThat(b.bytes(0, 1024)).isEqualTo(before);
        if (fault == Fault.NO_RIGHT) {
            return;
        }
        Bad here = bad(a, fault, 0);
        a.post(new SendRequest()
                .wrId(4)
                .sge(new ScatterGatherElement().set(here.address, 8, here.key))
                .next(a.request(5, 0, 8).flags(SendFlags.SIGNALED)));
        Completions.failure(a.sends, 4, WorkCompletionStatus.LOC_PROT_ERR);
        Completions.failure(a.sends, 5, WorkCompletionStatus.WR_FLUSH_ERR);
        a.awaitState(QueuePairState.SQE);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
    }
}
