package org.rddma.verbs.layer;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.Errno;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.layer.Completing.Completion;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/** The verbs that look at completion queues. */
final class Polling {
    /** What a completion reads as whose time is over: no status, no opcode, no queue pair. */
    private static final long STALE = 0xDEAD_DEAD_DEAD_DEADL;

    private static final String PROMISED = "it was made with the promise that one thread at a time polls and arms it";

    private final Completing completing;
    private final Findings findings;

    Polling(Completing completing, Findings findings) {
        this.completing = completing;
        this.findings = findings;
    }

    Object poll(Call call, QueueNotes queue) throws Throwable {
        enter(call, queue);
        try {
            if (call.arguments[0] instanceof CompletionHandler handler) {
                call.arguments[0] = (CompletionHandler) completion -> handOut(call.verb(), queue, completion, handler);
            }
            Object result = call.proceed();
            if (!(call.arguments[0] instanceof CompletionHandler) || result.equals(0)) {
                queue.polled();
            }
            completing.completed(call.verb(), polled(call.arguments[0], result));
            return result;
        } finally {
            leave(queue);
        }
    }

    private static List<Completion> polled(Object into, Object result) {
        List<Completion> completions = new ArrayList<>();
        if (into instanceof WorkCompletion[] array) {
            for (int i = 0; i < (Integer) result; i++) {
                completions.add(completion(array[i]));
            }
        } else if (into instanceof WorkCompletion one && result.equals(true)) {
            completions.add(completion(one));
        }
        return completions;
    }

    private static Completion completion(WorkCompletion done) {
        return new Completion(
                done.wrId(), done.isSuccess() ? done.opcode() : null, done.queuePairNumber(), done.byteLength());
    }

    /**
     * The handler gets a completion of its own, which is good for nothing when it has returned. The completion has been
     * followed before: the handler may use the memory of the request again, or close it. What was found is reported
     * behind it, so that no completion is lost to a finding that is thrown.
     */
    private void handOut(String verb, QueueNotes queue, WorkCompletion done, CompletionHandler handler) {
        WorkCompletion shown = new WorkCompletion()
                .set(
                        done.wrId(),
                        done.status().value(),
                        done.opcode() == null ? 0 : done.opcode().value(),
                        done.flags(),
                        done.vendorError(),
                        done.byteLength(),
                        done.immediate(),
                        done.queuePairNumber(),
                        done.sourceQueuePair(),
                        done.pkeyIndex(),
                        done.sourceLid(),
                        done.serviceLevel(),
                        done.destinationPathBits());
        queue.polled();
        List<ValidationFinding> found = completing.follow(verb, List.of(completion(done)));
        try {
            handler.onCompletion(shown);
        } catch (RuntimeException | Error thrown) {
            findings.report(found, thrown);
            throw thrown;
        } finally {
            WorkCompletion unused = shown.set(STALE, -1, -1, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        }
        found.forEach(findings::report);
    }

    Object arm(Call call, QueueNotes queue) throws Throwable {
        enter(call, queue);
        try {
            queue.arming();
            Object result = call.proceed();
            queue.armed((Boolean) result);
            return result;
        } finally {
            leave(queue);
        }
    }

    private void enter(Call call, QueueNotes queue) {
        if (queue.oneThread) {
            queue.guard.enter(findings, call.verb(), queue.target, PROMISED);
        }
    }

    private static void leave(QueueNotes queue) {
        if (queue.oneThread) {
            queue.guard.leave();
        }
    }

    Object made(Object cursor, QueueNotes queue) {
        ((CursorNotes) Wrapper.of(cursor).notes).queue = queue;
        return cursor;
    }

    Object cursor(Call call, CursorNotes notes) throws Throwable {
        QueueNotes queue = notes.queue;
        notes.guard.enter(findings, call.verb(), "a cursor of " + queue.target, "give each thread a cursor of its own");
        try {
            if (call.verb().equals("next")) {
                return next(call, notes, queue);
            }
            if (!notes.onCompletion) {
                findings.report(
                        Kind.CURSOR_WITHOUT_COMPLETION,
                        call.verb(),
                        Errno.EINVAL,
                        "the cursor of " + queue.target + " stands on no completion: read its fields only after next()"
                                + " returned true, and before it is called again");
            }
            return call.proceed();
        } finally {
            notes.guard.leave();
        }
    }

    private Object next(Call call, CursorNotes notes, QueueNotes queue) throws Throwable {
        enter(call, queue);
        try {
            notes.onCompletion = false;
            boolean found = (Boolean) call.proceed();
            queue.polled();
            notes.onCompletion = found;
            if (found) {
                completing.completed(call.verb(), List.of(completion(call.target(CompletionCursor.class), queue)));
            }
            return found;
        } finally {
            leave(queue);
        }
    }

    private static Completion completion(CompletionCursor cursor, QueueNotes queue) {
        boolean hasLength = (queue.fields & CompletionFields.BYTE_LENGTH) != 0;
        boolean hasPair = (queue.fields & CompletionFields.QUEUE_PAIR) != 0;
        return new Completion(
                cursor.wrId(),
                cursor.isSuccess() ? cursor.opcode() : null,
                hasPair ? cursor.queuePairNumber() : -1,
                hasLength ? cursor.byteLength() : -1);
    }
}
