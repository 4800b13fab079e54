package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.engine.RequestBench.*;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rddma.softdev.SoftDevice;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Context;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;

/** Messages into a shared receive queue: what a message took that does not end. */
final class ResponderSharingTest {
    private final Context context = SoftDevice.open("soft0");
    private final ProtectionDomain domain = context.allocateProtectionDomain();
    private final SharedReceiveQueue queue =
            domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().maxRequests(16));
    private RequestBench bench;

    @BeforeEach
    void listen() {
        open(QueuePairType.RC);
    }

    private void open(QueuePairType type) {
        WireEnd.Shape shape = new WireEnd.Shape();
        shape.type = type;
        shape.shared = queue;
        bench = new RequestBench(shape);
    }

    @AfterEach
    void close() {
        bench.close();
        context.close();
    }

    private void post(long wrId) {
        ScatterGatherElement element = new ScatterGatherElement(bench.end.memory, 0, 1000);
        assertThat(queue.postReceive(new ReceiveRequest(wrId, element))).isNull();
    }

    private void half() {
        assertThat(bench.round(bench.send(Opcodes.SEND_FIRST, 0, new byte[MTU])))
                .isEmpty();
    }

    @Test
    void aMessageTakesOneReceiveHoweverManyPacketsItHas() {
        post(1);
        post(2);
        half();
        assertThat(bench.round(bench.send(Opcodes.SEND_LAST, 1, new byte[8]))).isEmpty();
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_ONLY, 2, new byte[8]))))
                .containsExactly("ACK +2 #2");
        assertThat(bench.end.received()).containsExactly("1 SUCCESS", "2 SUCCESS");
    }

    @Test
    void whatAnUnfinishedMessageTookIsFlushedWithTheQueuePairAndTheRestIsLeft() {
        post(1);
        post(2);
        half();
        bench.end.to(QueuePairState.ERR);
        assertThat(bench.end.received()).containsExactly("1 WR_FLUSH_ERR");
        assertThat(bench.end.events).endsWith(AsyncEventType.QP_LAST_WQE_REACHED);
    }

    @Test
    void whatAnUnfinishedMessageTookIsTheNextAgainAfterAReset() {
        post(1);
        post(2);
        half();
        bench.end.to(QueuePairState.RESET);
        bench.end.toInit();
        bench.end.toReceive(bench.peer, PEER);
        bench.round(bench.send(Opcodes.SEND_ONLY, 0, new byte[8]), bench.send(Opcodes.SEND_ONLY, 1, new byte[8]));
        assertThat(bench.end.received()).containsExactly("1 SUCCESS", "2 SUCCESS");
    }

    @Test
    void aDatagramThatDoesNotFitLeavesTheReceiveToTheNext() {
        bench.close();
        open(QueuePairType.UD);
        post(1);
        post(2);
        for (int bytes : new int[] {961, 960, 960}) {
            bench.round(bench.datagram(Opcodes.UD | Opcodes.SEND_ONLY, WireEnd.QKEY, 1, new byte[0], new byte[bytes]));
        }
        assertThat(bench.end.received()).containsExactly("1 SUCCESS", "2 SUCCESS");
    }

    @Test
    void whatALostMessageOfAnUnreliableConnectionTookIsUsedForTheNext() {
        bench.close();
        open(QueuePairType.UC);
        post(1);
        post(2);
        bench.round(bench.send(Opcodes.UC | Opcodes.SEND_FIRST, 0, new byte[MTU]));
        bench.round(bench.send(Opcodes.UC | Opcodes.SEND_LAST, 2, new byte[8]));
        bench.round(bench.send(Opcodes.UC | Opcodes.SEND_ONLY, 3, new byte[8]));
        bench.round(bench.send(Opcodes.UC | Opcodes.SEND_ONLY, 4, new byte[8]));
        assertThat(bench.end.received()).containsExactly("1 SUCCESS", "2 SUCCESS");
    }
}
