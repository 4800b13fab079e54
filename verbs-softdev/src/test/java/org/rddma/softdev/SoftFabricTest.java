package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.End;
import org.rddma.verbs.conformance.EndSpec;
import org.rddma.verbs.conformance.Wiring;

final class SoftFabricTest {
    @Test
    @DisplayName("queue pairs of a removed device are in ERR, and complete nothing any more")
    void queuePairsOfRemoved() {
        SoftDevice device = new SoftFabric().addDevice("removed", SoftDeviceOptions.DEFAULT);
        try (SoftContext context = device.open()) {
            End end = new End(context, new EndSpec().oneQueue());
            QueuePair pair = end.createPair(new EndSpec());
            CompletionQueue queue = pair.receiveCompletionQueue();
            new Wiring().connect(pair, pair);
            end.createPair(new EndSpec()); // stays in RESET
            assertThat(pair.postReceive(new ReceiveRequest().wrId(1))).isNull();
            device.remove();
            assertThat(pair.state()).isEqualTo(QueuePairState.ERR);
            assertThatThrownBy(() -> queue.poll(new WorkCompletion())).hasMessageContaining("EIO");
        }
    }

    @Test
    @DisplayName("a removed device is not listed; another may have its name, and has its own GUID and GID")
    void removed() {
        SoftFabric fabric = new SoftFabric();
        SoftDevice first = fabric.addDevice("first", SoftDeviceOptions.DEFAULT);
        SoftDevice second = fabric.addDevice("second", SoftDeviceOptions.DEFAULT);
        assertThatThrownBy(() -> fabric.addDevice("first", SoftDeviceOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        first.remove();
        assertThat(fabric.devices()).containsExactly(second);
        SoftDevice again = fabric.addDevice("first", SoftDeviceOptions.DEFAULT);
        assertThat(fabric.devices()).containsExactly(second, again);
        assertThat(again.nodeGuid()).isNotEqualTo(first.nodeGuid()).isNotEqualTo(second.nodeGuid());
        try (SoftContext context = again.open()) {
            assertThat(context.queryPort(1).state()).isEqualTo(org.rddma.verbs.PortState.ACTIVE);
            assertThat(context.queryGid(1, 0)).isEqualTo(again.gid()).isNotEqualTo(second.gid());
        }
    }
}
