package org.rddma.verbs.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.model.Step.Operation;

/** What is known of one send queue (verbs-semantics §2.4). */
final class SendModel {
    private final String name;
    private final QueuePairType type;
    private final int depth;
    private final List<Request> requests = new ArrayList<>();
    private final Map<Long, Integer> positions = new HashMap<>();

    /** Up to here everything is over. */
    private int over;

    /** The first that failed. */
    private int failedAt = Integer.MAX_VALUE;

    SendModel(String name, QueuePairType type, int depth) {
        this.name = name;
        this.type = type;
        this.depth = depth;
    }

    boolean isEmpty() {
        return requests.isEmpty();
    }

    boolean has(long id) {
        return positions.containsKey(id);
    }

    List<Request> requests() {
        return requests;
    }

    void posted(Request request, boolean accepted) {
        int inQueue = requests.size() - over;
        VerbsModel.require(
                accepted || inQueue >= depth,
                "§2.2 %s of %s was refused though only %d of %d slots are taken",
                request,
                name,
                inQueue,
                depth);
        if (accepted) {
            positions.put(request.id(), requests.size());
            requests.add(request);
        }
    }

    /**
     * A completion was polled.
     *
     * @param failures with which the request may be the first to fail
     */
    void completed(WorkCompletion completion, Set<WorkCompletionStatus> failures) {
        int position = positions.get(completion.wrId());
        Request request = requests.get(position);
        VerbsModel.require(position >= over, "§2.4(1) %s of %s completed twice, or late", request, name);
        for (int i = over; i < position; i++) {
            Request earlier = requests.get(i);
            VerbsModel.require(
                    !earlier.signalled() && i < failedAt && failedAt == Integer.MAX_VALUE,
                    "§2.4(1) send queues complete in order: %s of %s before %s",
                    request,
                    name,
                    earlier);
            succeeded(earlier); // §2.4(3)
        }
        over = position + 1;
        if (completion.isSuccess()) {
            VerbsModel.require(
                    failedAt == Integer.MAX_VALUE, "§2.4(4) %s of %s succeeded after a failure", request, name);
            VerbsModel.require(
                    request.signalled(),
                    "§2.4(2) %s of %s is not signalled and did not fail, but made a completion",
                    request,
                    name);
            checkFields(request, completion);
            succeeded(request);
        } else if (failedAt < position) {
            VerbsModel.require(
                    completion.status() == WorkCompletionStatus.WR_FLUSH_ERR,
                    "§2.4(4) behind a failure everything is flushed: %s of %s ended with %s",
                    request,
                    name,
                    completion.status());
        } else {
            failedAt = position;
            VerbsModel.require(
                    failures.contains(completion.status()),
                    "§2.5 %s of %s cannot fail with %s: possible are %s",
                    request,
                    name,
                    completion.status(),
                    failures);
        }
    }

    private void checkFields(Request request, WorkCompletion completion) {
        WorkCompletionOpcode opcode = switch (request.operation()) {
            case SEND, SEND_WITH_IMMEDIATE -> WorkCompletionOpcode.SEND;
            case READ -> WorkCompletionOpcode.RDMA_READ;
            case FETCH_AND_ADD -> WorkCompletionOpcode.FETCH_ADD;
            default -> WorkCompletionOpcode.RDMA_WRITE;
        };
        VerbsModel.require(
                completion.opcode() == opcode, "§2.4(10) %s of %s completed as %s", request, name, completion.opcode());
        VerbsModel.require(
                !request.operation().fetches() || completion.byteLength() == request.bytes(),
                "§2.4(10) %s of %s fetched %d bytes",
                request,
                name,
                completion.byteLength());
    }

    private void succeeded(Request request) {
        VerbsModel.require(
                type != QueuePairType.RC || request.operation() != Operation.WRITE_WITH_WRONG_KEY,
                "§2.5 %s of %s succeeded with a wrong key",
                request,
                name);
        VerbsModel.require(
                request.resultIsRight().getAsBoolean(), "§2.4 %s of %s is done, but the data is wrong", request, name);
    }

    /** Nothing is left to do: what must complete has. */
    void idle() {
        for (int i = over; i < requests.size(); i++) {
            VerbsModel.require(
                    !requests.get(i).signalled() && failedAt == Integer.MAX_VALUE,
                    "§2.4(2) %s of %s never completed, though the device is idle",
                    requests.get(i),
                    name);
        }
    }

    /** How many are over for sure and did not fail. */
    int succeeded() {
        return Math.min(over, failedAt);
    }
}
