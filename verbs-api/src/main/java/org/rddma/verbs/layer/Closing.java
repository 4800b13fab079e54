package org.rddma.verbs.layer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/**
 * The verbs that close. What would wait for acknowledgements waits for a while, in which another thread may give them, and
 * names those that are missing then.
 */
final class Closing {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final PostedMemory memory;
    private final Completing completing;
    private final Findings findings;
    private final Set<QueueNotes> queues = ConcurrentHashMap.newKeySet();
    private final Set<SharedNotes> sharedQueues = ConcurrentHashMap.newKeySet();

    Closing(PostedMemory memory, Completing completing, Findings findings) {
        this.memory = memory;
        this.completing = completing;
        this.findings = findings;
    }

    QueueNotes opened(QueueNotes queue) {
        queues.add(queue);
        return queue;
    }

    SharedNotes opened(SharedNotes shared) {
        sharedQueues.add(shared);
        return shared;
    }

    /** Something that takes a limit of time to close. */
    private interface Timed {
        void close(Duration timeout);
    }

    Object queue(Call call, QueueNotes queue) throws Throwable {
        close(call, queue.target::close, queue.target, queue.events, queue.asyncEvents);
        queues.remove(queue);
        if (queue.channel != null) {
            queue.channel.queues.remove(queue);
        }
        return null;
    }

    Object pair(Call call, PairNotes pair) throws Throwable {
        close(call, pair.target::close, pair.target, pair.asyncEvents);
        completing.closed(pair);
        return null;
    }

    Object shared(Call call, SharedNotes shared) throws Throwable {
        close(call, shared.target::close, shared.target, shared.asyncEvents);
        sharedQueues.remove(shared);
        memory.end(shared.receives.clear());
        return null;
    }

    private void close(Call call, Timed timed, Object target, Owed... owed) throws Throwable {
        boolean mayWait = false;
        for (Owed some : owed) {
            mayWait |= !some.isEmpty();
        }
        if (!mayWait || call.arguments.length > 0) {
            Object unused = call.proceed();
            return;
        }
        try {
            timed.close(PATIENCE);
            call.closed();
            return;
        } catch (VerbsException e) {
            if (e.errno() != Errno.ETIMEDOUT) {
                throw e;
            }
        }
        for (Owed some : owed) {
            if (!some.isEmpty()) {
                unacknowledged(target + " cannot be closed: " + some);
            }
        }
        Object unused = call.proceed();
    }

    private void unacknowledged(String what) {
        findings.report(
                Kind.UNACKNOWLEDGED_EVENTS,
                "close",
                Errno.EBUSY,
                what + ": acknowledge every event that was read (ackEvents, AsyncEvent.acknowledge)");
    }

    /** What is neither a queue nor a queue pair. */
    Object other(Call call) throws Throwable {
        if (call.wrapper.notes instanceof Usage usage) {
            PostedMemory.checkUnused(findings, usage);
            Object unused = call.proceed();
            if (usage.target instanceof MemoryRegion region) {
                memory.closed(region.lkey(), usage);
            }
        } else if (call.wrapper.type == Context.class) {
            List<String> owed = owed();
            Object unused = call.proceed();
            queues.clear();
            sharedQueues.clear();
            completing.clear();
            if (!owed.isEmpty()) {
                unacknowledged(
                        "the context was closed with events that nobody has acknowledged: " + String.join("; ", owed));
            }
        } else {
            Object unused = call.proceed();
        }
        return null;
    }

    private List<String> owed() {
        List<String> texts = new ArrayList<>();
        for (QueueNotes queue : queues) {
            add(texts, queue.target, queue.events);
            add(texts, queue.target, queue.asyncEvents);
        }
        sharedQueues.forEach(shared -> add(texts, shared.target, shared.asyncEvents));
        completing.forEachPair(pair -> add(texts, pair.target, pair.asyncEvents));
        return texts;
    }

    private static void add(List<String> texts, Object target, Owed owed) {
        if (!owed.isEmpty()) {
            texts.add(target + ": " + owed);
        }
    }
}
