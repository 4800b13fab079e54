package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.Mtu;
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

/** Every operation at the sizes where packets begin and end, and lists as long as they may be: verbs-semantics §2.4. */
public abstract class SizeConformance extends DeviceConformance {
    private static final int MEMORY = 32 * 1024;
    private static final int TARGET = 16 * 1024;
    private static final int SHIFT = 5; // not aligned

    private static int[] sizes(int mtu) {
        return new int[] {0, 1, mtu - 1, mtu, mtu + 1, 2 * mtu - 1, 2 * mtu, 2 * mtu + 1, 3 * mtu};
    }

    private static SendRequest of(WorkRequestOpcode opcode, SendRequest request, End peer) {
        long address = peer.address(TARGET + SHIFT);
        int rkey = peer.memory.rkey();
        return switch (opcode) {
            case SEND -> request.send();
            case SEND_WITH_IMM -> request.sendWithImmediate(0xA1B2C3D4);
            case RDMA_WRITE -> request.write(address, rkey);
            case RDMA_WRITE_WITH_IMM -> request.writeWithImmediate(address, rkey, 0xA1B2C3D4);
            case RDMA_READ -> request.read(address, rkey);
            default -> throw new AssertionError(opcode);
        };
    }

    private static boolean takesReceive(WorkRequestOpcode opcode) {
        return opcode != WorkRequestOpcode.RDMA_WRITE && opcode != WorkRequestOpcode.RDMA_READ;
    }

    private static boolean isPossible(QueuePairType type, WorkRequestOpcode opcode) {
        return type == QueuePairType.RC || opcode != WorkRequestOpcode.RDMA_READ;
    }

    /** Nothing but the bytes of the message may change, on either side. */
    private static void transfer(End a, End b, WorkRequestOpcode opcode, int size) {
        boolean read = opcode == WorkRequestOpcode.RDMA_READ;
        byte[] ofA = a.fill(0, MEMORY, size);
        byte[] ofB = b.fill(0, MEMORY, ~size);
        if (takesReceive(opcode)) {
            b.receive(7, TARGET + SHIFT, size);
        }
        a.post(of(opcode, a.request(8, SHIFT, size), b));
        WorkCompletion send = Completions.next(a.sends);
        assertThat(send.isSuccess()).as("%s of %d: %s", opcode, size, send).isTrue();
        if (takesReceive(opcode)) {
            WorkCompletion receive = Completions.next(b.receives);
            assertThat(receive.isSuccess()).isTrue();
            assertThat(receive.byteLength()).isEqualTo(size);
        }
        if (read) {
            assertThat(send.byteLength()).isEqualTo(size);
            System.arraycopy(ofB, TARGET + SHIFT, ofA, SHIFT, size);
        } else {
            System.arraycopy(ofA, SHIFT, ofB, TARGET + SHIFT, size);
        }
        assertThat(Arrays.mismatch(a.bytes(0, MEMORY), ofA))
                .as("%s of %d: first wrong byte here", opcode, size)
                .isEqualTo(-1);
        Deadline.await(opcode + " of " + size + " arrives", () -> Arrays.equals(b.bytes(0, MEMORY), ofB));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "§2.4 every operation at 0, 1, and one below, at and above the MTU and its multiples: all bytes, no more")
    final void boundaries(Mtu mtu) {
        if (mtu.compareTo(context.queryPort(1).activeMtu()) > 0) {
            return; // refused: see StateConformance
        }
        for (QueuePairType type : new QueuePairType[] {QueuePairType.RC, QueuePairType.UC}) {
            if (type == QueuePairType.UC && !has(org.rddma.verbs.Capability.UNRELIABLE_CONNECTION)) {
                continue;
            }
            Pair pair = pair(new EndSpec().type(type).memory(MEMORY), new Wiring().mtu(mtu));
            for (WorkRequestOpcode opcode : new WorkRequestOpcode[] {
                WorkRequestOpcode.SEND,
                WorkRequestOpcode.SEND_WITH_IMM,
                WorkRequestOpcode.RDMA_WRITE,
                WorkRequestOpcode.RDMA_WRITE_WITH_IMM,
                WorkRequestOpcode.RDMA_READ
            }) {
                if (!isPossible(type, opcode) || !has(opcode)) {
                    continue;
                }
                for (int size : sizes(mtu.bytes())) {
                    transfer(pair.a(), pair.b(), opcode, size);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MTU_256", "MTU_1024"})
    @DisplayName(
            "§2.4(14) one byte too many for the receive, at every packet boundary: both fail, nothing behind it is written")
    final void oneTooMany(Mtu mtu) {
        for (int size : sizes(mtu.bytes())) {
            if (size == 0) {
                continue;
            }
            Pair pair = pair(new EndSpec().memory(MEMORY), new Wiring().mtu(mtu));
            End b = pair.b();
            byte[] before = b.fill(0, MEMORY, size);
            b.receive(1, TARGET, size - 1);
            pair.a().post(pair.a().request(2, 0, size));
            Completions.failure(pair.a().sends, 2, WorkCompletionStatus.REM_INV_REQ_ERR);
            Completions.failure(b.receives, 1, WorkCompletionStatus.LOC_LEN_ERR);
            b.awaitState(QueuePairState.ERR);
            assertThat(b.bytes(0, TARGET)).isEqualTo(Arrays.copyOf(before, TARGET));
            int end = TARGET + size - 1;
            assertThat(b.bytes(end, MEMORY - end)).isEqualTo(Arrays.copyOfRange(before, end, MEMORY));
        }
    }

    private static ScatterGatherElement[] pieces(End end, int count, int offset, int length, int step) {
        ScatterGatherElement[] elements = new ScatterGatherElement[count];
        for (int i = 0; i < count; i++) {
            elements[i] = end.piece(offset + step * i, length);
        }
        return elements;
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @DisplayName("§2.4(15) as many elements as the device allows, on both sides, cut at different places")
    final void mostElements(QueuePairType type) {
        int most = context.device().attributes().limits().maxScatterGatherElements();
        int count = Math.min(most, 1000);
        Pair pair = pair(new EndSpec().type(type).elements(count).memory(MEMORY), new Wiring().mtu(Mtu.MTU_256));
        End a = pair.a();
        End b = pair.b();
        byte[] source = a.fill(0, MEMORY, 1);
        byte[] there = b.fill(0, MEMORY, 2);
        b.receive(new ReceiveRequest().wrId(1).sges(pieces(b, count, 3, 15, 16)));
        a.post(new SendRequest().wrId(2).flags(SendFlags.SIGNALED).sges(pieces(a, count, 1, 13, 15)));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        WorkCompletion receive = Completions.success(b.receives, 1, WorkCompletionOpcode.RECV);
        assertThat(receive.byteLength()).isEqualTo(13L * count);
        for (int i = 0; i < 13 * count; i++) {
            there[3 + i / 15 * 16 + i % 15] = source[1 + i / 13 * 15 + i % 13];
        }
        assertThat(Arrays.mismatch(b.bytes(0, MEMORY), there)).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @DisplayName("§2.4(15) elements that overlap, repeat and run backwards are read as they come")
    final void overlapping(QueuePairType type) {
        Pair pair = pair(new EndSpec().type(type).elements(5).memory(MEMORY), new Wiring().mtu(Mtu.MTU_256));
        End a = pair.a();
        byte[] source = a.fill(0, 1000, 3);
        int[][] list = {{500, 300}, {400, 300}, {0, 1}, {400, 300}, {499, 2}};
        ScatterGatherElement[] elements = new ScatterGatherElement[list.length];
        java.io.ByteArrayOutputStream expected = new java.io.ByteArrayOutputStream();
        for (int i = 0; i < list.length; i++) {
            elements[i] = a.piece(list[i][0], list[i][1]);
            expected.write(source, list[i][0], list[i][1]);
        }
        SendRequest request = new SendRequest().flags(SendFlags.SIGNALED).sges(elements);
        pair.b().receive(1, TARGET, 2000);
        a.post(request.wrId(2));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(pair.b().receives, 1, WorkCompletionOpcode.RECV);
        assertThat(pair.b().bytes(TARGET, expected.size())).isEqualTo(expected.toByteArray());
        a.post(request.wrId(3).write(pair.b().address(1), pair.b().memory.rkey()));
        Completions.success(a.sends, 3, WorkCompletionOpcode.RDMA_WRITE);
        Deadline.await("the bytes", () -> Arrays.equals(pair.b().bytes(1, expected.size()), expected.toByteArray()));
    }
}
