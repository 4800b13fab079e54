package org.rddma.verbs.model;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.model.Step.Operation;

/**
 * What any legal device may do; not what a certain one does. It is told what a program did and saw, one thing at a time,
 * and throws an {@link AssertionError} that names the rule when that is not allowed. Section numbers are those of
 * verbs-semantics.
 *
 * <p>Queue pairs are connected in twos, a0 with b0 and so on, with endless RNR retries; completion queues are large enough.
 * Weakly ordered devices ({@link org.rddma.verbs.Capability#WEAK_ORDER}) are not modelled. For use by one thread.
 */
public final class VerbsModel {
    private final QueuePairType type;
    private final int[] numbers;
    private final SendModel[] sends;
    private final ReceiveModel[] receives;
    private final ArmModel[] queues;

    /** Those that the program has moved to the error state. */
    private final boolean[] broken;

    /** Those that may be in the error state because of that, or of a wrong key. */
    private final boolean[] suspect;

    /**
     * Nothing has happened yet.
     *
     * @param type of all queue pairs
     * @param numbers of the queue pairs: a0, b0, a1, ...
     * @param completionQueues how many
     * @param sendDepth slots of each send queue
     * @param receiveDepth slots of each receive queue
     */
    public VerbsModel(QueuePairType type, int[] numbers, int completionQueues, int sendDepth, int receiveDepth) {
        int ends = numbers.length;
        this.type = type;
        this.numbers = numbers.clone();
        sends = new SendModel[ends];
        receives = new ReceiveModel[ends];
        broken = new boolean[ends];
        suspect = new boolean[ends];
        for (int end = 0; end < ends; end++) {
            sends[end] = new SendModel(Step.end(end), type, sendDepth);
        }
        for (int end = 0; end < ends; end++) {
            receives[end] = new ReceiveModel(Step.end(end), type, receiveDepth, sends[end ^ 1]);
        }
        queues = new ArmModel[completionQueues];
        for (int queue = 0; queue < completionQueues; queue++) {
            queues[queue] = new ArmModel("cq" + queue);
        }
    }

    static void require(boolean condition, String rule, Object... details) {
        if (!condition) {
            throw new AssertionError(String.format(Locale.ROOT, rule, details));
        }
    }

    /** A request was posted, or did not fit. */
    public void postedSend(int end, Request request, boolean accepted) {
        sends[end].posted(request, accepted);
        if (accepted && type == QueuePairType.RC && request.operation() == Operation.WRITE_WITH_WRONG_KEY) {
            suspect[end] = true;
            suspect[end ^ 1] = true;
        }
    }

    /** A receive was posted, or did not fit. */
    public void postedReceive(int end, long id, boolean accepted) {
        receives[end].posted(id, accepted);
    }

    /** A queue pair was moved to the error state. */
    public void broke(int end) {
        broken[end] = true;
        suspect[end] = true;
    }

    /** A queue was armed, and said whether it holds completions. */
    public void armed(int queue, NotificationType what, boolean notEmpty) {
        queues[queue].armed(what, notEmpty);
    }

    /** A queue was polled, and gave less than it was asked for if it was empty then. */
    public void polled(int queue, WorkCompletion[] completions, int count) {
        for (int i = 0; i < count; i++) {
            completed(queue, completions[i]);
        }
        if (count < completions.length) {
            queues[queue].seenEmpty();
        }
    }

    private void completed(int queue, WorkCompletion completion) {
        long id = completion.wrId();
        for (int end = 0; end < sends.length; end++) {
            boolean isSend = sends[end].has(id);
            if (!isSend && !receives[end].has(id)) {
                continue;
            }
            require(
                    completion.queuePairNumber() == numbers[end],
                    "§2.4 the %s carries another queue pair's number than that of %s",
                    completion,
                    Step.end(end));
            if (isSend) {
                sends[end].completed(completion, failures(end, id));
                queues[queue].completed(!completion.isSuccess(), !completion.isSuccess());
            } else {
                Request message = receives[end].completed(completion, mayFlush(end));
                boolean solicited = message == null || message.solicited();
                boolean certain = message == null
                        || type == QueuePairType.RC
                        || message.bytes() > 0
                        || message.operation().hasImmediate();
                queues[queue].completed(solicited || !certain, solicited && certain);
            }
            return;
        }
        throw new AssertionError("§2.4(2) a completion of what was not posted: " + completion);
    }

    /** How a request may be the first of its queue that fails. */
    private Set<WorkCompletionStatus> failures(int end, long id) {
        Set<WorkCompletionStatus> possible = EnumSet.noneOf(WorkCompletionStatus.class);
        if (suspect[end]) {
            possible.add(WorkCompletionStatus.WR_FLUSH_ERR);
        }
        if (type == QueuePairType.RC && suspect[end ^ 1]) {
            possible.add(WorkCompletionStatus.RETRY_EXC_ERR);
        }
        boolean wrongKey = sends[end].requests().stream()
                .anyMatch(request -> request.id() == id && request.operation() == Operation.WRITE_WITH_WRONG_KEY);
        if (type == QueuePairType.RC && wrongKey) {
            possible.add(WorkCompletionStatus.REM_ACCESS_ERR);
        }
        return possible;
    }

    private boolean mayFlush(int end) {
        boolean sendMayHaveFailed = type == QueuePairType.RC && suspect[end ^ 1] && !sends[end].isEmpty();
        return suspect[end] || sendMayHaveFailed;
    }

    /** An event was taken from the channel. */
    public void event(int queue) {
        queues[queue].event();
    }

    /** Events were acknowledged, or that was refused. */
    public void acknowledged(int queue, int count, boolean accepted) {
        queues[queue].acknowledged(count, accepted);
    }

    /** How many events of a queue were taken and not acknowledged. */
    public int unacknowledged(int queue) {
        return queues[queue].unacknowledged();
    }

    /** How many receives must be posted to an end for everything to arrive that was sent to it. */
    public int missingReceives(int end) {
        return broken[end] ? 0 : receives[end].missing();
    }

    /** The device has nothing left to do, all events were taken, and all queues polled until empty. */
    public void idle() {
        for (int end = 0; end < sends.length; end++) {
            sends[end].idle();
            receives[end].idle(!suspect[end] && !suspect[end ^ 1], broken[end]);
        }
        for (ArmModel queue : queues) {
            queue.idle();
        }
    }
}
