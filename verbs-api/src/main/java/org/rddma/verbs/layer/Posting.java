package org.rddma.verbs.layer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequest;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/**
 * The verbs that post. What is about to be posted is noted before, because it may complete at once, and taken back where
 * it was refused; the work queue's lock is held meanwhile, so that notes are in the order of the queue and whoever polls
 * finds them complete.
 */
final class Posting {
    /** How long a queue may be full without anybody looking. */
    static final long PATIENCE_NANOS = 1_000_000_000;

    private final PostedMemory memory;
    private final Findings findings;

    Posting(PostedMemory memory, Findings findings) {
        this.memory = memory;
        this.findings = findings;
    }

    Object postSend(Call call, PairNotes pair) throws Throwable {
        List<SendRequest> chain =
                chain((SendRequest) call.arguments[0], SendRequest::next, request -> request.opcode() != null);
        Object result = post(call, pair, pair.sends, chain, request -> memory.send(request, pair.signalAll));
        if (result != null) {
            fullOfSends(pair, call.verb());
        }
        return result;
    }

    Object postReceive(Call call, PairNotes pair) throws Throwable {
        List<ReceiveRequest> chain = chain((ReceiveRequest) call.arguments[0], ReceiveRequest::next, request -> true);
        Object result = post(call, pair, pair.receives, chain, memory::receive);
        if (result != null) {
            full(pair, pair.receives, pair.receiveQueue, call.verb());
        }
        return result;
    }

    Object postReceive(Call call, Work shared) throws Throwable {
        List<ReceiveRequest> chain = chain((ReceiveRequest) call.arguments[0], ReceiveRequest::next, request -> true);
        return chain == null ? call.proceed() : post(call, shared, chain, memory::receive);
    }

    Object complete(Call call, PairNotes pair, List<SendRequest> batch) throws Throwable {
        Object posted = pair.followed
                ? allOrNone(call, pair, batch, request -> memory.send(request, pair.signalAll))
                : call.proceed();
        if (posted.equals(false)) {
            fullOfSends(pair, call.verb());
        }
        return posted;
    }

    Object bindMemoryWindow(Call call, PairNotes pair) throws Throwable {
        if (!pair.followed || !(call.arguments[1] instanceof MemoryWindowBind bind)) {
            return call.proceed();
        }
        boolean signalled = pair.signalAll || (bind.flags() & SendFlags.SIGNALED) != 0;
        SendRequest noted = new SendRequest().bindMemoryWindow(null, 0, bind).wrId(bind.wrId());
        Object posted = allOrNone(call, pair, List.of(noted), request -> memory.send(request, signalled));
        if (posted.equals(false)) {
            fullOfSends(pair, call.verb());
        }
        return posted;
    }

    /** The requests of a chain up to one that cannot be posted; null for a chain without end. */
    private static <R extends WorkRequest> List<R> chain(R first, UnaryOperator<R> next, Predicate<R> isPossible) {
        List<R> chain = new ArrayList<>();
        Set<R> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (R request = first; request != null && isPossible.test(request) && hasElements(request); ) {
            if (!seen.add(request)) {
                return null;
            }
            chain.add(request);
            request = next.apply(request);
        }
        return chain;
    }

    private static boolean hasElements(WorkRequest request) {
        for (int i = 0; i < request.sgeCount(); i++) {
            if (request.sge(i) == null) {
                return false;
            }
        }
        return true;
    }

    private static <R> List<Posted> notes(List<R> requests, Function<R, Posted> note) {
        return requests.stream().map(note).toList();
    }

    private <R extends WorkRequest> Object post(
            Call call, PairNotes pair, Work work, List<R> chain, Function<R, Posted> note) throws Throwable {
        if (chain == null) { // nobody knows how much of it will be posted
            pair.followed = false;
        }
        try {
            return pair.followed ? post(call, work, chain, note) : call.proceed();
        } finally {
            endUnfollowed(pair);
        }
    }

    /** No completion ends the notes of such a pair, nor of what was being posted while another thread gave it up. */
    private void endUnfollowed(PairNotes pair) {
        if (!pair.followed && (!pair.sends.isEmpty() || pair.ownsReceives() && !pair.receives.isEmpty())) {
            memory.discard(pair);
        }
    }

    private <R extends WorkRequest> Object post(Call call, Work work, List<R> chain, Function<R, Posted> note)
            throws Throwable {
        work.posting.lock();
        try {
            List<Posted> notes = notes(chain, note);
            int count = 0;
            try {
                Object result = call.proceed();
                count = result == null ? chain.size() : indexOf(chain, result);
                return result;
            } catch (VerbsException e) {
                count = e.badRequest().map(bad -> indexOf(chain, bad)).orElse(0);
                throw e;
            } finally {
                work.add(notes.subList(0, count));
                memory.forget(notes.subList(count, notes.size()));
            }
        } finally {
            work.posting.unlock();
        }
    }

    private <R extends WorkRequest> Object allOrNone(Call call, PairNotes pair, List<R> batch, Function<R, Posted> note)
            throws Throwable {
        Work work = pair.sends;
        work.posting.lock();
        try {
            List<Posted> notes = notes(batch, note);
            Object posted = false;
            try {
                posted = call.proceed();
                return posted;
            } finally {
                if (posted.equals(true)) {
                    work.add(notes);
                } else {
                    memory.forget(notes);
                }
            }
        } finally {
            endUnfollowed(pair);
            work.posting.unlock();
        }
    }

    private static int indexOf(List<?> chain, Object request) {
        for (int i = 0; i < chain.size(); i++) {
            if (chain.get(i) == request) {
                return i;
            }
        }
        return chain.size(); // one that cannot be posted
    }

    private void fullOfSends(PairNotes pair, String verb) {
        if (pair.followed && pair.sends.isSilent(pair.maxSends) && pair.target.state() == QueuePairState.RTS) {
            findings.report(
                    Kind.NOTHING_SIGNALED,
                    verb,
                    Errno.ENOMEM,
                    "the send queue of " + pair.target
                            + " is full of requests of which none makes a completion, so that no"
                            + " slot will ever be free: post every so often one with SendFlags.SIGNALED");
        } else {
            full(pair, pair.sends, pair.sendQueue, verb);
        }
    }

    private void full(PairNotes pair, Work work, QueueNotes queue, String verb) {
        long since = work.full();
        if (queue != null && System.nanoTime() - since > PATIENCE_NANOS && queue.isNeglectedSince(since)) {
            work.forgetFull();
            findings.report(
                    Kind.NEVER_POLLED,
                    verb,
                    Errno.ENOMEM,
                    pair.target + " has been full for more than a second, and nobody has polled or armed "
                            + queue.target + " in that time: no slot is free before its completion is polled");
        }
    }
}
