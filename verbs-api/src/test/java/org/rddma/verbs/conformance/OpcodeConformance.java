package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;
import static org.rddma.verbs.conformance.Refusals.unsupported;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkRequestOpcode;

/** Which operation a queue pair can do: verbs-semantics §2.3. */
public abstract class OpcodeConformance extends DeviceConformance {
    private static final Set<WorkRequestOpcode> READS = EnumSet.of(
            WorkRequestOpcode.RDMA_READ, WorkRequestOpcode.ATOMIC_CMP_AND_SWP, WorkRequestOpcode.ATOMIC_FETCH_AND_ADD);

    private static final Set<WorkRequestOpcode> WITHOUT_DATA =
            EnumSet.of(WorkRequestOpcode.LOCAL_INV, WorkRequestOpcode.BIND_MW, WorkRequestOpcode.FLUSH);

    /** The table of §2.3; unknown where the man page allows what no wire can carry, or no type can do it. */
    private enum Table {
        LEGAL,
        ILLEGAL,
        UNKNOWN,
        NOBODY
    }

    private static Table table(QueuePairType type, WorkRequestOpcode opcode) {
        boolean reliable = type == QueuePairType.RC;
        boolean connected = type != QueuePairType.UD;
        return switch (opcode) {
            case SEND, SEND_WITH_IMM -> Table.LEGAL;
            case RDMA_WRITE, RDMA_WRITE_WITH_IMM, LOCAL_INV, BIND_MW -> connected ? Table.LEGAL : Table.ILLEGAL;
            case RDMA_READ, ATOMIC_CMP_AND_SWP, ATOMIC_FETCH_AND_ADD, FLUSH, ATOMIC_WRITE ->
                reliable ? Table.LEGAL : Table.ILLEGAL;
            case SEND_WITH_INV -> reliable ? Table.LEGAL : connected ? Table.UNKNOWN : Table.ILLEGAL;
            case TSO, DRIVER1 -> Table.NOBODY;
        };
    }

    private static WorkCompletionOpcode completionOf(WorkRequestOpcode opcode) {
        return switch (opcode) {
            case SEND, SEND_WITH_IMM, SEND_WITH_INV -> WorkCompletionOpcode.SEND;
            case RDMA_WRITE, RDMA_WRITE_WITH_IMM -> WorkCompletionOpcode.RDMA_WRITE;
            case RDMA_READ -> WorkCompletionOpcode.RDMA_READ;
            case ATOMIC_CMP_AND_SWP -> WorkCompletionOpcode.COMP_SWAP;
            case ATOMIC_FETCH_AND_ADD -> WorkCompletionOpcode.FETCH_ADD;
            case LOCAL_INV -> WorkCompletionOpcode.LOCAL_INV;
            case BIND_MW -> WorkCompletionOpcode.BIND_MW;
            case FLUSH -> WorkCompletionOpcode.FLUSH;
            case ATOMIC_WRITE -> WorkCompletionOpcode.ATOMIC_WRITE;
            default -> throw new AssertionError(opcode);
        };
    }

    private Pair connected(QueuePairType type) {
        int memory = End.ALL_RIGHTS;
        int remote = AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;
        if (has(Capability.MEMORY_WINDOW_TYPE_2)) {
            memory |= AccessFlags.MW_BIND;
        }
        if (has(Capability.FLUSH)) {
            memory |= AccessFlags.FLUSH_GLOBAL;
            remote |= AccessFlags.FLUSH_GLOBAL;
        }
        return pair(new EndSpec().type(type).access(memory), new Wiring().access(remote));
    }

    /** Windows are needed to have a key that can be taken back. */
    private boolean canBeTried(WorkRequestOpcode opcode) {
        boolean needsWindow = opcode == WorkRequestOpcode.SEND_WITH_INV
                || opcode == WorkRequestOpcode.LOCAL_INV
                || opcode == WorkRequestOpcode.BIND_MW;
        return !needsWindow || has(Capability.MEMORY_WINDOW_TYPE_2);
    }

    private static SendRequest bind(End end, long id) {
        MemoryWindow window = end.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        MemoryWindowBind bind = new MemoryWindowBind().show(end.memory, end.address(0), 64, AccessFlags.REMOTE_WRITE);
        return new SendRequest()
                .wrId(id)
                .flags(SendFlags.SIGNALED)
                .bindMemoryWindow(window, MemoryWindow.incrementRkey(window.rkey()), bind);
    }

    private static int boundKey(End end) {
        if (end.pair.type() == QueuePairType.UD) {
            return 1; // it will be refused
        }
        SendRequest bind = bind(end, 100);
        end.post(bind);
        Completions.success(end.sends, 100, WorkCompletionOpcode.BIND_MW);
        return bind.rkey();
    }

    private static SendRequest request(Pair pair, WorkRequestOpcode opcode) {
        End a = pair.a();
        End b = pair.b();
        SendRequest bare = new SendRequest().wrId(1).flags(SendFlags.SIGNALED);
        SendRequest request = switch (opcode) {
            case SEND_WITH_INV -> a.request(1, 0, 8).sendWithInvalidate(boundKey(b));
            case LOCAL_INV -> bare.invalidateLocal(boundKey(a));
            case BIND_MW -> bind(a, 1);
            case FLUSH -> bare.flush(b.address(0), b.memory.rkey(), 8, FlushPlacement.GLOBAL, FlushLevel.RANGE);
            default -> a.request(1, 0, 8).write(b.address(64), b.memory.rkey()).opcode(opcode);
        };
        if (a.pair.type() == QueuePairType.UD) {
            request.datagram(
                    a.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(b.context))),
                    b.pair.number(),
                    Wiring.QKEY);
        }
        return request;
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName("§2.3 each opcode that the type can do completes; each other one is refused, and nothing changes")
    final void opcodes(QueuePairType type) {
        for (WorkRequestOpcode opcode : WorkRequestOpcode.values()) {
            Table table = table(type, opcode);
            if (table == Table.UNKNOWN || !canBeTried(opcode)) {
                continue;
            }
            Pair pair = connected(type);
            pair.b().receive(2, 1024, 1000);
            if (!has(opcode)) {
                SendRequest plain = pair.a().request(1, 0, 8).opcode(opcode);
                assertThat(refusesOpcode(pair.a(), plain)).isTrue();
                continue;
            }
            SendRequest request = request(pair, opcode);
            if (table == Table.LEGAL) {
                pair.a().post(request);
                Completions.success(pair.a().sends, 1, completionOf(opcode));
            } else {
                VerbsException refusal = refused(
                        "postSend",
                        table == Table.ILLEGAL ? Errno.EINVAL : Errno.EOPNOTSUPP,
                        () -> pair.a().pair.postSend(request));
                assertThat(refusal.badRequest()).containsSame(request);
                assertThat(pair.a().pair.state()).isEqualTo(QueuePairState.RTS);
                Completions.none(this, pair.a().sends);
                Completions.none(this, pair.b().receives);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName("§2.3 flags: FENCE, SOLICITED and INLINE where they may be; others are refused (EINVAL)")
    final void flags(QueuePairType type) {
        for (WorkRequestOpcode opcode : WorkRequestOpcode.values()) {
            if (table(type, opcode) != Table.LEGAL || !has(opcode) || !canBeTried(opcode)) {
                continue;
            }
            List<Pair> silent = new ArrayList<>();
            for (int bit = 0; bit < 32; bit++) {
                int flag = 1 << bit;
                Pair pair = connected(type);
                pair.b().receive(2, 1024, 1000);
                SendRequest request = request(pair, opcode).flags(SendFlags.SIGNALED | flag);
                boolean legal = flag == SendFlags.FENCE
                        || flag == SendFlags.SIGNALED
                        || flag == SendFlags.SOLICITED
                        || flag == SendFlags.INLINE && !READS.contains(opcode) && !WITHOUT_DATA.contains(opcode);
                if (flag == SendFlags.INLINE && !has(Capability.INLINE)) {
                    if (opcode == WorkRequestOpcode.ATOMIC_WRITE) {
                        continue; // its 8 bytes may have a place of their own
                    }
                    unsupported("postSend", () -> pair.a().pair.postSend(request));
                } else if (legal) {
                    pair.a().post(request);
                    Completions.success(pair.a().sends, 1, completionOf(opcode));
                } else {
                    refused("postSend", Errno.EINVAL, () -> pair.a().pair.postSend(request));
                    silent.add(pair);
                    continue;
                }
                pair.a().pair.close();
                pair.b().pair.close();
            }
            Completions.none(this, silent.get(0).a().sends); // and with it time has passed for the others, too
            for (Pair pair : silent) {
                Completions.none(Duration.ZERO, pair.a().sends);
                pair.a().pair.close();
                pair.b().pair.close();
            }
        }
    }
}
