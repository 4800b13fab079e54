package org.rddma.verbs.model;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.model.Step.Operation;

/** What is known of one receive queue, and of the messages that come into it (verbs-semantics §2.4). */
final class ReceiveModel {
    private static final int HEADER = 40;

    private final String name;
    private final QueuePairType type;
    private final int depth;
    private final SendModel sender;
    private final List<Long> receives = new ArrayList<>();
    private int over;
    private boolean flushed;

    /** The messages of the sender that arrived, or were lost, are before this. */
    private int nextMessage;

    ReceiveModel(String name, QueuePairType type, int depth, SendModel sender) {
        this.name = name;
        this.type = type;
        this.depth = depth;
        this.sender = sender;
    }

    boolean has(long id) {
        return receives.contains(id);
    }

    void posted(long id, boolean accepted) {
        int inQueue = receives.size() - over;
        VerbsModel.require(
                accepted || inQueue >= depth,
                "§2.2 receive %d of %s was refused though only %d of %d slots are taken",
                id,
                name,
                inQueue,
                depth);
        if (accepted) {
            receives.add(id);
        }
    }

    /**
     * A completion was polled.
     *
     * @return the message, null when it was flushed
     */
    Request completed(WorkCompletion completion, boolean mayFlush) {
        long id = completion.wrId();
        VerbsModel.require(over < receives.size(), "§2.4(1) receive %d of %s completed twice", id, name);
        VerbsModel.require(
                receives.get(over) == id,
                "§2.4(1) receive queues complete in order, each receive once: receive %d of %s instead of %d",
                id,
                name,
                receives.get(over));
        over++;
        if (completion.isSuccess()) {
            VerbsModel.require(!flushed, "§2.4(4) receive %d of %s succeeded after a flush", id, name);
            return arrived(completion);
        }
        flushed = true;
        VerbsModel.require(
                completion.status() == WorkCompletionStatus.WR_FLUSH_ERR && mayFlush,
                "§2.5 receive %d of %s cannot end with %s",
                id,
                name,
                completion.status());
        return null;
    }

    private Request arrived(WorkCompletion completion) {
        List<Request> sent = sender.requests();
        boolean found = false;
        Request message = null;
        while (nextMessage < sent.size() && !found) {
            message = sent.get(nextMessage++);
            if (!message.operation().takesReceive()) {
                boolean mustBeThere =
                        type == QueuePairType.RC && message.operation().isWrite();
                VerbsModel.require(
                        !mustBeThere || message.resultIsRight().getAsBoolean() || !hasMessages(nextMessage),
                        "§2.4(6) %s came before a message to %s, but its data is not there",
                        message,
                        name);
                continue;
            }
            String wrong = difference(message, completion);
            found = wrong == null;
            VerbsModel.require(
                    found || type != QueuePairType.RC,
                    "§2.4(16) a reliable connection delivers everything once, in order: receive %d of %s got not %s: %s",
                    completion.wrId(),
                    name,
                    message,
                    wrong);
        }
        VerbsModel.require(
                found,
                "§2.4(16) receive %d of %s got what was not sent, or was delivered before",
                completion.wrId(),
                name);
        return message;
    }

    private boolean hasMessages(int from) {
        return sender.requests().stream()
                .skip(from)
                .anyMatch(request -> request.operation().takesReceive());
    }

    /** In what a completion is not that of a message; null when it is. */
    private String difference(Request message, WorkCompletion completion) {
        boolean write = message.operation() == Operation.WRITE_WITH_IMMEDIATE;
        WorkCompletionOpcode opcode = write ? WorkCompletionOpcode.RECV_RDMA_WITH_IMM : WorkCompletionOpcode.RECV;
        if (completion.opcode() != opcode) {
            return "the opcode is " + completion.opcode();
        }
        int length = message.bytes() + (type == QueuePairType.UD ? HEADER : 0);
        if (completion.byteLength() != length) {
            return "the length is " + completion.byteLength();
        }
        if (completion.hasImmediate() != message.operation().hasImmediate()
                || completion.hasImmediate() && completion.immediate() != message.immediate()) {
            return completion.hasImmediate() ? "the immediate data is " + completion.immediate() : "no immediate data";
        }
        return message.deliveredInto().test(completion.wrId()) ? null : "the data is wrong";
    }

    /** Nothing is left to do: what must have arrived has. */
    void idle(boolean faultless, boolean broken) {
        VerbsModel.require(
                !broken || over == receives.size(),
                "§2.4(4) receive %s of %s was not flushed, though the device is idle",
                over < receives.size() ? receives.get(over) : "",
                name);
        if (type != QueuePairType.RC) {
            return;
        }
        List<Request> sent = sender.requests();
        int until = faultless ? sent.size() : sender.succeeded();
        for (int i = nextMessage; i < until; i++) {
            VerbsModel.require(
                    !sent.get(i).operation().takesReceive(),
                    "§2.4(16) %s never arrived at %s, though it was %s",
                    sent.get(i),
                    name,
                    faultless ? "sent without a fault and the device is idle" : "acknowledged");
        }
    }

    /** How many more receives the messages that were sent will take. */
    int missing() {
        List<Request> sent = sender.requests();
        long coming = sent.subList(nextMessage, sent.size()).stream()
                .filter(request -> request.operation().takesReceive())
                .count();
        return (int) Math.max(0, coming - (receives.size() - over));
    }
}
