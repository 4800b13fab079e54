package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** A program that has what it waited for closes its queue pair at once; whoever sent it is told that it arrived. */
@HangGuard(seconds = 60)
final class RoceLastMessageTest {
    private static final int TIMES = 300;

    private static WorkCompletion next(CompletionQueue queue) {
        WorkCompletion completion = new WorkCompletion();
        Deadline.await("a completion", () -> queue.poll(completion));
        return completion;
    }

    @Test
    void theLastMessageSucceedsThoughItsReceiverClosesRightAfterIt() {
        try (Context here = SoftDevice.open("roce:127.0.4.1");
                Context there = SoftDevice.open("roce:127.0.4.2")) {
            ProtectionDomain domain = here.allocateProtectionDomain();
            ProtectionDomain otherDomain = there.allocateProtectionDomain();
            CompletionQueue sends = here.createCompletionQueue(16);
            CompletionQueue receives = there.createCompletionQueue(16);
            MemoryRegion from = domain.allocateMemory(64, 0);
            MemoryRegion to = otherDomain.allocateMemory(64, AccessFlags.LOCAL_WRITE);
            for (int i = 0; i < TIMES; i++) {
                QueuePair sender = domain.createQueuePair(new QueuePairInitAttributes().completionQueue(sends));
                QueuePair receiver =
                        otherDomain.createQueuePair(new QueuePairInitAttributes().completionQueue(receives));
                Endpoint.connect(sender, receiver);
                assertThat(receiver.postReceive(new ReceiveRequest(1, new ScatterGatherElement(to))))
                        .isNull();
                assertThat(sender.postSend(new SendRequest()
                                .sge(new ScatterGatherElement(from))
                                .flags(SendFlags.SIGNALED)))
                        .isNull();
                assertThat(next(receives).status()).isEqualTo(WorkCompletionStatus.SUCCESS);
                receiver.close();
                assertThat(next(sends).status()).as("time %d", i).isEqualTo(WorkCompletionStatus.SUCCESS);
                sender.close();
            }
        }
    }
}
