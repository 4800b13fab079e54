package org.rddma.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Requests are reusable builders: setting one thing must not change another, nor an array of the caller's. */
final class WorkRequestTest {
    private final ScatterGatherElement a = new ScatterGatherElement().set(1, 1, 1);
    private final ScatterGatherElement b = new ScatterGatherElement().set(2, 2, 2);
    private final ScatterGatherElement c = new ScatterGatherElement().set(3, 3, 3);

    @Test
    @DisplayName("the caller's array of elements is used as it is, and never written")
    void callersArray() {
        ScatterGatherElement[] list = {a, b};
        SendRequest request = new SendRequest().sges(list);
        request.sge(c);
        assertThat(list).containsExactly(a, b);
        assertThat(request.sgeCount()).isEqualTo(1);
        assertThat(request.sge(0)).isSameAs(c);
        request.sges(list).addSge(c);
        assertThat(list).containsExactly(a, b);
        assertThat(request.sgeCount()).isEqualTo(3);
        assertThat(request.sge(2)).isSameAs(c);

        ScatterGatherElement[] one = {a};
        request.sges(one).sge(b);
        assertThat(one).containsExactly(a);
        assertThat(request.sge(0)).isSameAs(b);
    }

    @Test
    @DisplayName("adding after removing starts anew")
    void clear() {
        ReceiveRequest request = new ReceiveRequest(5, a).addSge(b).clearSges();
        assertThat(request.sgeCount()).isZero();
        request.addSge(c);
        assertThat(request.sgeCount()).isEqualTo(1);
        assertThat(request.sge(0)).isSameAs(c);
        assertThat(request.wrId()).isEqualTo(5);
    }

    @Test
    @DisplayName("each operation sets its own fields")
    void operations() {
        SendRequest request = new SendRequest();
        assertThat(request.opcode()).isEqualTo(WorkRequestOpcode.SEND);
        request.compareAndSwap(64, 7, -1, 5);
        assertThat(request.opcode()).isEqualTo(WorkRequestOpcode.ATOMIC_CMP_AND_SWP);
        assertThat(request.compareAdd()).isEqualTo(-1);
        assertThat(request.swap()).isEqualTo(5);
        request.fetchAndAdd(72, 8, 9);
        assertThat(request.opcode()).isEqualTo(WorkRequestOpcode.ATOMIC_FETCH_AND_ADD);
        assertThat(request.compareAdd()).isEqualTo(9);
        assertThat(request.remoteAddress()).isEqualTo(72);
        assertThat(request.rkey()).isEqualTo(8);
        assertThat(request.write(1, 2).opcode()).isEqualTo(WorkRequestOpcode.RDMA_WRITE);
        assertThat(request.writeWithImmediate(1, 2, 3).opcode()).isEqualTo(WorkRequestOpcode.RDMA_WRITE_WITH_IMM);
        assertThat(request.immediate()).isEqualTo(3);
        assertThat(request.read(5, 6).opcode()).isEqualTo(WorkRequestOpcode.RDMA_READ);
        assertThat(request.sendWithImmediate(4).opcode()).isEqualTo(WorkRequestOpcode.SEND_WITH_IMM);
        assertThat(request.immediate()).isEqualTo(4);
        assertThat(request.send().opcode()).isEqualTo(WorkRequestOpcode.SEND);
    }

    @Test
    @DisplayName("the mask names what was set, and nothing after clear()")
    void mask() {
        QueuePairAttributes attributes = new QueuePairAttributes();
        assertThat(attributes.mask()).isZero();
        attributes.state(QueuePairState.RTS).sqPsn(1).timeout(0);
        assertThat(attributes.mask())
                .isEqualTo(QueuePairAttributes.STATE | QueuePairAttributes.SQ_PSN | QueuePairAttributes.TIMEOUT);
        assertThat(attributes.has(QueuePairAttributes.TIMEOUT)).isTrue();
        assertThat(attributes.has(QueuePairAttributes.QKEY)).isFalse();
        assertThat(attributes.clear().mask()).isZero();
    }
}
