package org.rddma.verbs.conformance;

import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/**
 * Puts completions of any kind into a completion queue, one at a time. Behind it is a queue pair that talks to itself, of
 * which one side completes in that queue and the other in a private one.
 */
public final class Ticker {
    private static final int DEPTH = 16;
    private static final int BYTES = 8;

    private final CompletionQueue hidden;
    private final MemoryRegion memory;
    private final QueuePair receiver;
    private final QueuePair sender;
    private final SendRequest send = new SendRequest();
    private final ReceiveRequest receive = new ReceiveRequest();
    private final WorkCompletion completion = new WorkCompletion();

    /** A ticker for a queue of the context. */
    public Ticker(Context context, CompletionQueue target) {
        this(context, target, DEPTH);
    }

    /** A ticker that may leave so many completions of each kind unpolled. */
    public Ticker(Context context, CompletionQueue target, int depth) {
        ProtectionDomain domain = context.allocateProtectionDomain();
        hidden = context.createCompletionQueue(4 * depth);
        memory = domain.allocateMemory(BYTES, End.ALL_RIGHTS);
        QueuePairInitAttributes attributes =
                new QueuePairInitAttributes().maxSendRequests(depth).maxReceiveRequests(depth);
        receiver = domain.createQueuePair(attributes.sendCompletionQueue(hidden).receiveCompletionQueue(target));
        sender = domain.createQueuePair(attributes.sendCompletionQueue(target).receiveCompletionQueue(hidden));
        new Wiring().connect(receiver, receiver);
        new Wiring().connect(sender, sender);
        send.sge(new ScatterGatherElement(memory));
        receive.sge(new ScatterGatherElement(memory));
    }

    /** A receive completion of a message that was sent without SOLICITED. */
    public void unsolicited(long wrId) {
        message(receiver, wrId, SendFlags.SIGNALED);
    }

    /**
     * A receive completion that its queue has no room for. Its queue pairs fail for that, which the sender of the message may
     * hear of before it hears of the message.
     */
    public void overrunning(long wrId) {
        if (receiver.postReceive(receive.wrId(wrId)) != null) {
            throw new AssertionError("no room for a receive: poll more often, or post less");
        }
        post(receiver, send.wrId(wrId).flags(SendFlags.SIGNALED));
        Deadline.await("the other side's completion", () -> hidden.poll(completion));
    }

    /** A receive completion of a message that was sent with SOLICITED. */
    public void solicited(long wrId) {
        message(receiver, wrId, SendFlags.SIGNALED | SendFlags.SOLICITED);
    }

    /** A completion of a send that succeeded, of a message with SOLICITED. */
    public void sent(long wrId) {
        message(sender, wrId, SendFlags.SIGNALED | SendFlags.SOLICITED);
        // the receive is there; that the send is finished too shows when the queue can be drained
        sender.modify(new QueuePairAttributes().state(QueuePairState.SQD));
        Deadline.await("the send's completion", () -> !sender.query().draining());
        sender.modify(new QueuePairAttributes().state(QueuePairState.RTS));
    }

    /** A completion of a send that failed. The last of its kind: the queue pair is in ERR afterwards. */
    public void failedSend(long wrId) {
        post(
                sender,
                new SendRequest()
                        .wrId(wrId)
                        .sge(new ScatterGatherElement().set(memory.address(), BYTES, memory.lkey() + 0x100)));
    }

    /** A completion of a receive that is flushed. The last of its kind: the queue pair is in ERR afterwards. */
    public void flushedReceive(long wrId) {
        if (receiver.postReceive(receive.wrId(wrId)) != null) {
            throw new AssertionError("no room for a receive");
        }
        receiver.modify(new QueuePairAttributes().state(QueuePairState.ERR));
    }

    /** Takes its queue pairs away from the queue. */
    public void close() {
        sender.close();
        receiver.close();
    }

    private void message(QueuePair pair, long wrId, int flags) {
        if (pair.postReceive(receive.wrId(wrId)) != null) {
            throw new AssertionError("no room for a receive: poll more often, or post less");
        }
        post(pair, send.wrId(wrId).flags(flags));
        Deadline.await("the other side's completion", () -> hidden.poll(completion));
        if (!completion.isSuccess()) {
            throw new AssertionError("it failed: " + completion);
        }
    }

    private static void post(QueuePair pair, SendRequest request) {
        if (pair.postSend(request) != null) {
            throw new AssertionError("no room for a send: poll more often, or post less");
        }
    }
}
