package org.rddma.perftest;

import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.app.Endpoint;

/** A queue pair that writes eight bytes into memory of its own, and what it needs; closed with its context. */
public final class WriteLoop {
    /** Writes that fit. */
    public static final int DEPTH = 16;

    private static final int BYTES = 8;

    /** Where the writes complete; on a channel. */
    public final CompletionQueue queue;

    /** Connected to itself. */
    public final QueuePair pair;

    private final MemoryRegion memory;

    /** Makes it, ready to write. */
    public WriteLoop(Context context) {
        ProtectionDomain domain = context.allocateProtectionDomain();
        queue = context.createCompletionQueue(
                new CompletionQueueAttributes().entries(2 * DEPTH).channel(context.createCompletionChannel()));
        pair = domain.createQueuePair(
                new QueuePairInitAttributes().completionQueue(queue).maxSendRequests(DEPTH));
        memory = domain.allocateMemory(2 * BYTES, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
        Endpoint.connect(pair, pair);
    }

    /** A write that makes a completion. */
    public SendRequest write() {
        return unsignalled().flags(SendFlags.SIGNALED);
    }

    /** As many writes as fit, of which the last makes a completion. */
    public SendRequest chain() {
        SendRequest first = write();
        for (int i = 1; i < DEPTH; i++) {
            first = unsignalled().next(first);
        }
        return first;
    }

    private SendRequest unsignalled() {
        return new SendRequest()
                .write(memory.address() + BYTES, memory.rkey())
                .sge(new ScatterGatherElement(memory, 0, BYTES));
    }
}
