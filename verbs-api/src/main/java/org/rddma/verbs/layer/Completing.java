package org.rddma.verbs.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.WorkCompletionOpcode;

/** What completions say of the requests that are posted. */
final class Completing {
    private static final int ROUTING_HEADER = 40;

    private final PostedMemory memory;
    private final Findings findings;
    private final boolean weakOrder;
    private final Map<Integer, PairNotes> pairs = new ConcurrentHashMap<>();

    /**
     * One completion.
     *
     * @param opcode null when it has failed
     * @param byteLength negative where it is not known
     */
    record Completion(long wrId, WorkCompletionOpcode opcode, int queuePair, long byteLength) {}

    Completing(PostedMemory memory, Findings findings, boolean weakOrder) {
        this.memory = memory;
        this.findings = findings;
        this.weakOrder = weakOrder;
    }

    void opened(PairNotes pair) {
        pairs.put(pair.number, pair);
    }

    void closed(PairNotes pair) {
        pairs.remove(pair.number, pair);
        memory.discard(pair);
    }

    /** The context is closed. */
    void clear() {
        pairs.clear();
    }

    /** Whether anything is under way that will complete to one of these queues. */
    boolean isAwaited(ChannelNotes channel) {
        return pairs.values().stream()
                .anyMatch(pair -> !pair.sends.isEmpty() && channel.queues.contains(pair.sendQueue)
                        || !pair.receives.isEmpty() && channel.queues.contains(pair.receiveQueue));
    }

    void forEachPair(Consumer<PairNotes> action) {
        pairs.values().forEach(action);
    }

    /** A queue pair that is reset has lost what was posted; one that fails completes it in ways that are not followed. */
    Object modify(Call call, PairNotes pair) throws Throwable {
        QueuePairAttributes attributes = (QueuePairAttributes) call.arguments[0];
        QueuePairState state =
                attributes != null && attributes.has(QueuePairAttributes.STATE) ? attributes.state() : null;
        if (state == QueuePairState.ERR) {
            pair.followed = false;
        }
        Object result = call.proceed();
        if (state == QueuePairState.RESET || state == QueuePairState.ERR) {
            memory.discard(pair);
        }
        if (state != null && state != QueuePairState.ERR) {
            pair.followed = pair.canBeFollowed();
        }
        return result;
    }

    /**
     * Follows completions that were polled, all of them, and reports then what was wrong with some.
     *
     * @param verb that polled them
     */
    void completed(String verb, List<Completion> completions) {
        follow(verb, completions).forEach(findings::report);
    }

    /**
     * Follows completions that were polled, all of them.
     *
     * @param verb that polled them
     * @return what was wrong with some, which is not reported yet
     */
    List<ValidationFinding> follow(String verb, List<Completion> completions) {
        List<ValidationFinding> found = new ArrayList<>();
        completions.forEach(completion -> follow(verb, completion, found));
        return found;
    }

    private void follow(String verb, Completion completion, List<ValidationFinding> found) {
        PairNotes pair = pairs.get(completion.queuePair);
        if (pair == null || !pair.followed) {
            return;
        }
        WorkCompletionOpcode opcode = completion.opcode;
        if (opcode == null) { // the queue pair has failed, and what completes now need not say whether it was a send
            pair.followed = false;
            memory.discard(pair);
            if (!pair.ownsReceives()) {
                memory.end(pair.receives.complete(completion.wrId, true));
            }
            return;
        }
        boolean isReceive = opcode == WorkCompletionOpcode.RECV || opcode == WorkCompletionOpcode.RECV_RDMA_WITH_IMM;
        boolean anyOrder = weakOrder || isReceive && !pair.ownsReceives();
        List<Posted> done = (isReceive ? pair.receives : pair.sends).complete(completion.wrId, anyOrder);
        memory.end(done);
        for (Posted posted : done) {
            boolean isSure = !weakOrder || posted.signalled;
            ValidationFinding finding =
                    isSure ? memory.compare(posted, written(pair, completion), verb, pair.target) : null;
            if (finding != null) {
                found.add(finding);
            }
        }
    }

    private static long written(PairNotes pair, Completion completion) {
        if (completion.byteLength < 0 || completion.opcode != WorkCompletionOpcode.RECV) {
            return Long.MAX_VALUE;
        }
        return completion.byteLength + (pair.datagrams ? ROUTING_HEADER : 0);
    }
}
