package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;
import static org.rddma.verbs.conformance.Refusals.unsupported;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkRequestOpcode;

/** Which operation a queue pair can do: verbs-semantics §2.3. */
public abstract class OpcodeConformance extends DeviceConformance {
    private static final Set<WorkRequestOpcode> SENDS =
            EnumSet.of(WorkRequestOpcode.SEND, WorkRequestOpcode.SEND_WITH_IMM);
    private static final Set<WorkRequestOpcode> WRITES =
            EnumSet.of(WorkRequestOpcode.RDMA_WRITE, WorkRequestOpcode.RDMA_WRITE_WITH_IMM);
    private static final Set<WorkRequestOpcode> READS = EnumSet.of(
            WorkRequestOpcode.RDMA_READ, WorkRequestOpcode.ATOMIC_CMP_AND_SWP, WorkRequestOpcode.ATOMIC_FETCH_AND_ADD);

    private static boolean isLegal(QueuePairType type, WorkRequestOpcode opcode) {
        return SENDS.contains(opcode)
                || WRITES.contains(opcode) && type != QueuePairType.UD
                || READS.contains(opcode) && type == QueuePairType.RC;
    }

    private static WorkCompletionOpcode completionOf(WorkRequestOpcode opcode) {
        return switch (opcode) {
            case SEND, SEND_WITH_IMM -> WorkCompletionOpcode.SEND;
            case RDMA_WRITE, RDMA_WRITE_WITH_IMM -> WorkCompletionOpcode.RDMA_WRITE;
            case RDMA_READ -> WorkCompletionOpcode.RDMA_READ;
            case ATOMIC_CMP_AND_SWP -> WorkCompletionOpcode.COMP_SWAP;
            case ATOMIC_FETCH_AND_ADD -> WorkCompletionOpcode.FETCH_ADD;
            default -> throw new AssertionError(opcode);
        };
    }

    private static SendRequest request(Pair pair, WorkRequestOpcode opcode) {
        SendRequest request = pair.a()
                .request(1, 0, 8)
                .write(pair.b().address(64), pair.b().memory.rkey())
                .opcode(opcode);
        if (pair.a().pair.type() == QueuePairType.UD) {
            request.datagram(
                    pair.a().domain.createAddressHandle(AddressVector.to(Wiring.gidOf(pair.b().context))),
                    pair.b().pair.number(),
                    Wiring.QKEY);
        }
        return request;
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName("§2.3 each opcode that the type can do completes; each other one is refused, and nothing changes")
    final void opcodes(QueuePairType type) {
        for (WorkRequestOpcode opcode : WorkRequestOpcode.values()) {
            Pair pair = pair(new EndSpec().type(type));
            pair.b().receive(2, 1024, 1000);
            SendRequest request = request(pair, opcode);
            if (refusesOpcode(pair.a(), request)) {
                continue;
            }
            if (isLegal(type, opcode)) {
                pair.a().post(request);
                Completions.success(pair.a().sends, 1, completionOf(opcode));
            } else {
                boolean known = WRITES.contains(opcode) || READS.contains(opcode);
                VerbsException refusal = refused(
                        "postSend",
                        known ? Errno.EINVAL : Errno.EOPNOTSUPP,
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
            if (!isLegal(type, opcode) || !has(opcode)) {
                continue;
            }
            for (int bit = 0; bit < 32; bit++) {
                int flag = 1 << bit;
                Pair pair = pair(new EndSpec().type(type));
                pair.b().receive(2, 1024, 1000);
                SendRequest request = request(pair, opcode).flags(SendFlags.SIGNALED | flag);
                boolean legal = flag == SendFlags.FENCE
                        || flag == SendFlags.SIGNALED
                        || flag == SendFlags.SOLICITED
                        || flag == SendFlags.INLINE && !READS.contains(opcode);
                if (flag == SendFlags.INLINE && !has(Capability.INLINE)) {
                    unsupported("postSend", () -> pair.a().pair.postSend(request));
                } else if (legal) {
                    pair.a().post(request);
                    Completions.success(pair.a().sends, 1, completionOf(opcode));
                } else {
                    refused("postSend", Errno.EINVAL, () -> pair.a().pair.postSend(request));
                    Completions.none(this, pair.a().sends);
                }
                pair.a().pair.close();
                pair.b().pair.close();
            }
        }
    }
}
