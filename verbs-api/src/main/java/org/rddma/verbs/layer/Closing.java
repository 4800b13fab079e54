package org.rddma.verbs.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/**
 * The verbs that close. What would wait for acknowledgements waits for a while, in which another thread may give them, and
 * names those that are missing then.
 */
final class Closing {
    private static final long PATIENCE_NANOS = 1_000_000_000;

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

    Object queue(Call call, QueueNotes queue) throws Throwable {
        close(call, queue.target, queue.events, queue.asyncEvents);
        queues.remove(queue);
        if (queue.channel != null) {
            queue.channel.queues.remove(queue);
        }
        return null;
    }

    Object pair(Call call, PairNotes pair) throws Throwable {
        close(call, pair.target, pair.asyncEvents);
        completing.closed(pair);
        return null;
    }

    Object shared(Call call, SharedNotes shared) throws Throwable {
        close(call, shared.target, shared.asyncEvents);
        sharedQueues.remove(shared);
        memory.end(shared.receives.clear());
        return null;
    }

    /** Waits before the verb does: a finding that is thrown leaves everything open. */
    private void close(Call call, Object target, Owed... owed) throws Throwable {
        boolean mayWaitForEver = call.arguments.length == 0;
        if (mayWaitForEver && isAnyLeft(owed)) {
            for (Owed some : owed) {
                if (!some.isEmpty()) {
                    unacknowledged(target + " cannot be closed: " + some);
                }
            }
        }
        Object unused = call.proceed();
    }

    /** Whether something is owed after a while. An interrupt ends that: it is for the verb to say so. */
    private static boolean isAnyLeft(Owed... owed) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try {
            boolean isAnyLeft = false;
            for (Owed some : owed) {
                isAnyLeft |= !some.awaitNone(deadline);
            }
            return isAnyLeft;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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
