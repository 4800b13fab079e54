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

    /** What each end is made of. */
    private record End(ProtectionDomain domain, CompletionQueue queue, MemoryRegion memory) {
        End(ProtectionDomain domain) {
            this(
                    domain,
                    domain.context().createCompletionQueue(16),
                    domain.allocateMemory(64, AccessFlags.LOCAL_WRITE));
        }

        End(Context context) {
            this(context.allocateProtectionDomain());
        }
    }

    /** The receiver, or all that it is made of, is closed as soon as it has the message: its sender hears of success. */
    private static void lastMessage(int time, End from, End to, AutoCloseable closed) throws Exception {
        QueuePair sender = from.domain.createQueuePair(new QueuePairInitAttributes().completionQueue(from.queue));
        QueuePair receiver = to.domain.createQueuePair(new QueuePairInitAttributes().completionQueue(to.queue));
        Endpoint.connect(sender, receiver);
        assertThat(receiver.postReceive(new ReceiveRequest(1, new ScatterGatherElement(to.memory))))
                .isNull();
        assertThat(sender.postSend(new SendRequest()
                        .sge(new ScatterGatherElement(from.memory))
                        .flags(SendFlags.SIGNALED)))
                .isNull();
        assertThat(next(to.queue).status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        (closed == null ? receiver : closed).close();
        assertThat(next(from.queue).status()).as("time %d", time).isEqualTo(WorkCompletionStatus.SUCCESS);
        sender.close();
    }

    @Test
    void theLastMessageSucceedsThoughItsReceiverClosesRightAfterIt() throws Exception {
        try (Context here = SoftDevice.open("roce:127.0.4.1");
                Context there = SoftDevice.open("roce:127.0.4.2")) {
            End from = new End(here);
            End to = new End(there);
            for (int i = 0; i < TIMES; i++) {
                lastMessage(i, from, to, null);
            }
        }
    }

    @Test
    void itSucceedsThoughTheDeviceIsClosedRightAfterIt() throws Exception {
        try (Context here = SoftDevice.open("roce:127.0.4.1")) {
            End from = new End(here);
            for (int i = 0; i < TIMES; i++) {
                Context there = SoftDevice.open("roce:127.0.4.2");
                lastMessage(i, from, new End(there), there);
            }
        }
    }
}
