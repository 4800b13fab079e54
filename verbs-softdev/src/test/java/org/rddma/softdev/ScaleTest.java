package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;

@Timeout(120)
class ScaleTest {
    @Test
    @DisplayName("65536 queue pairs live at a time, and the last of them works")
    void queuePairs() {
        try (SoftContext context = SoftDevice.open("soft0")) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftCompletionQueue queue = context.createCompletionQueue(16);
            QueuePairInitAttributes sizes = new QueuePairInitAttributes().completionQueue(queue);
            SoftQueuePair last = null;
            for (int i = 0; i < 65536; i++) {
                last = domain.createQueuePair(sizes);
            }
            Endpoint.connect(last, last);
            sendToItself(domain, last, 8);
        }
    }

    @Test
    @DisplayName("4096 completion queues on 4096 channels live at a time, each with a descriptor of its own")
    void queuesAndChannels() {
        try (SoftContext context = SoftDevice.open("soft0")) {
            List<Integer> descriptors = new ArrayList<>();
            for (int i = 0; i < 4096; i++) {
                SoftCompletionChannel channel = context.createCompletionChannel();
                assertThat(context.createCompletionQueue(new CompletionQueueAttributes().channel(channel)))
                        .isNotNull();
                descriptors.add(channel.fd());
            }
            assertThat(descriptors).doesNotHaveDuplicates();
        }
    }

    @Test
    @DisplayName("a completion queue of 2^20 entries holds 2^20 completions")
    void entries() {
        int entries = 1 << 20;
        try (SoftContext context = SoftDevice.open("soft0")) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftCompletionQueue queue = context.createCompletionQueue(entries);
            SoftQueuePair pair = domain.createQueuePair(
                    new QueuePairInitAttributes().completionQueue(queue).maxReceiveRequests(entries));
            Endpoint.connect(pair, pair);
            ReceiveRequest receive = new ReceiveRequest();
            boolean posted = true;
            for (int i = 0; i < entries; i++) {
                posted &= pair.postReceive(receive.wrId(i)) == null;
            }
            assertThat(posted).isTrue();
            pair.modify(new QueuePairAttributes().state(QueuePairState.ERR));
            WorkCompletion completion = new WorkCompletion();
            int inOrder = 0;
            while (queue.poll(completion) && completion.wrId() == inOrder) {
                inOrder++;
            }
            assertThat(inOrder).isEqualTo(entries);
        }
    }

    @Test
    @Tag("slow")
    @DisplayName("a message has up to 2^31 bytes, gathered and scattered")
    void longestMessage() {
        int half = 1 << 30;
        try (SoftContext context = SoftDevice.open("soft0")) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftMemoryRegion from = domain.allocateMemory(half, 0);
            SoftMemoryRegion to = domain.allocateMemory(half, AccessFlags.LOCAL_WRITE);
            SoftCompletionQueue queue = context.createCompletionQueue(16);
            SoftQueuePair pair = domain.createQueuePair(new QueuePairInitAttributes()
                    .completionQueue(queue)
                    .maxSendElements(2)
                    .maxReceiveElements(2));
            Endpoint.connect(pair, pair);
            from.buffer().putLong(0, 1234).putLong(half - 8, 5678);
            ScatterGatherElement source = new ScatterGatherElement(from);
            ScatterGatherElement target = new ScatterGatherElement(to);
            assertThat(pair.postReceive(new ReceiveRequest().sges(target, target)))
                    .isNull();
            assertThat(pair.postSend(
                            new SendRequest().send().flags(SendFlags.SIGNALED).sges(source, source)))
                    .isNull();
            WorkCompletion completion = new WorkCompletion();
            assertThat(queue.poll(completion)).isTrue();
            assertThat(completion.isSuccess()).isTrue();
            assertThat(completion.byteLength()).isEqualTo(1L << 31);
            ByteBuffer arrived = to.buffer();
            assertThat(arrived.getLong(0)).isEqualTo(1234);
            assertThat(arrived.getLong(half - 8)).isEqualTo(5678);
        }
    }

    private static void sendToItself(SoftProtectionDomain domain, SoftQueuePair pair, int bytes) {
        SoftMemoryRegion memory = domain.allocateMemory(2 * bytes, AccessFlags.LOCAL_WRITE);
        memory.buffer().putLong(0, 4711);
        assertThat(pair.postReceive(new ReceiveRequest(1, new ScatterGatherElement(memory, bytes, bytes))))
                .isNull();
        assertThat(pair.postSend(new SendRequest().send().sge(new ScatterGatherElement(memory, 0, bytes))))
                .isNull();
        WorkCompletion completion = new WorkCompletion();
        assertThat(pair.receiveCompletionQueue().poll(completion)).isTrue();
        assertThat(completion.isSuccess()).isTrue();
        assertThat(memory.buffer().getLong(bytes)).isEqualTo(4711);
    }
}
