package org.rddma.verbs.app;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * What is behind a {@link WorkQueue}: its objects, what is under way in both directions, and its part in the turns of its
 * group. A queue whose handler has refused a message is suspended: it gets no turn until the queue that was full has
 * room, which keeps a list of those that wait for it, or until it is resumed.
 */
final class WorkQueueCore {
    final WorkQueue queue;
    final ProtectionDomain domain;
    final SharedMemory shared = new SharedMemory();
    final QueuePair pair;
    final CompletionQueue completionQueue;
    final SendSlots sends;
    final ReceiveSlots receives;

    private final WorkQueues group;
    private final MemoryRegion memory;

    /** Queues whose handlers wait for room in this one. */
    private final ArrayDeque<WorkQueueCore> waiting = new ArrayDeque<>();

    /** The queue that has this one among those that wait. */
    private WorkQueueCore waitsFor;

    /** Whether it is among those of the group that get a turn. */
    private boolean isReady;

    private boolean isSuspended;
    private boolean isActive;
    private boolean inHandler;
    private boolean failureTold;
    private volatile WorkCompletionStatus failure;
    private volatile boolean closed;

    WorkQueueCore(WorkQueue queue, WorkQueues group) {
        this.queue = queue;
        this.group = group;
        WorkQueueOptions options = group.options;
        int depth = options.depth();
        domain = group.context.allocateProtectionDomain();
        MemoryRegion slots = null;
        CompletionQueue made = null;
        try {
            slots = domain.allocateMemory(2 * depth * options.messageSize(), AccessFlags.LOCAL_WRITE);
            made = group.context.createCompletionQueue(new CompletionQueueAttributes()
                    .entries(2 * depth)
                    .channel(group.channel)
                    .userContext(this));
            pair = domain.createQueuePair(new QueuePairInitAttributes()
                    .completionQueue(made)
                    .maxSendRequests(depth)
                    .maxReceiveRequests(depth));
        } catch (RuntimeException e) {
            if (made != null) {
                made.close();
            }
            if (slots != null) {
                slots.close();
            }
            domain.close();
            throw e;
        }
        memory = slots;
        completionQueue = made;
        sends = new SendSlots(pair, memory, options);
        receives = new ReceiveSlots(pair, memory, options);
    }

    void connect(String verb, Endpoint peer) {
        if (isActive) {
            throw new VerbsException(verb, Errno.EINVAL, queue + " is connected: make another queue");
        }
        if (pair.state() != QueuePairState.RESET) { // an earlier attempt has got so far
            pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
            receives.reset();
        }
        peer.connect(pair);
        receives.postAll();
        isActive = true;
    }

    void activate(String verb) {
        if (pair.state() == QueuePairState.RESET) {
            throw new VerbsException(verb, Errno.EINVAL, pair + " is in RESET: connect it first");
        }
        receives.postAll();
        isActive = true;
    }

    WorkCompletionStatus failure() {
        return failure;
    }

    boolean isClosed() {
        return closed;
    }

    void setClosed() {
        closed = true;
    }

    void release() {
        resumeWaiting();
        pair.close();
        completionQueue.close();
        memory.close();
        shared.close();
        domain.close();
    }

    /** Takes all completions of this queue that are there, without waiting, but no more than fit into it at a time. */
    void poll() {
        int taken = 0;
        int count;
        do {
            try {
                count = completionQueue.poll(group.completions);
            } catch (VerbsException e) {
                if (taken > 0 && e.errno() == Errno.EIO) {
                    return; // the device is gone; what was taken is used first
                }
                throw e;
            }
            if (count > 0) {
                takeCompletions(count);
                taken += count;
            }
        } while (count == group.completions.length && taken < completionQueue.capacity());
    }

    /** Gets completions that were taken from its completion queue. */
    void takeCompletions(int count) {
        for (int i = 0; i < count; i++) {
            WorkCompletion completion = group.completions[i];
            boolean success = completion.isSuccess();
            int slot = (int) completion.wrId();
            if ((completion.wrId() & ReceiveSlots.ID_BIT) == 0) {
                sends.complete(slot, success);
            } else if (success) {
                receives.arrive(slot, (int) completion.byteLength());
            }
            if (!success && (failure == null || failure == WorkCompletionStatus.WR_FLUSH_ERR)) {
                failure = completion.status();
            }
        }
        if (!waiting.isEmpty() && (!sends.isFull() || failure != null)) {
            resumeWaiting();
        }
        makeReady();
    }

    boolean hasRoom(String verb) {
        checkUsable(verb);
        if (sends.isFull()) {
            poll();
            checkUsable(verb);
        }
        if (sends.isFull()) {
            group.refusing(this);
            return false;
        }
        return true;
    }

    boolean trySend(String verb, ByteBuffer message) {
        return hasRoom(verb) && sends.send(message);
    }

    ByteBuffer tryReceive(String verb) {
        checkActive(verb);
        if (inHandler) {
            throw new VerbsException(
                    verb, Errno.EBUSY, queue + " is in its handler, which has a message: return first");
        }
        receives.giveBack();
        if (receives.isEmpty()) {
            poll();
        }
        if (receives.isEmpty()) {
            checkUsable(verb);
            return null;
        }
        ByteBuffer message = receives.oldest();
        receives.take();
        return message;
    }

    /** Takes it out of those that get a turn, and hands over messages, at most so many. */
    int takeTurn(WorkQueueHandler handler, int budget) {
        isReady = false;
        try {
            return handOver(handler, budget);
        } finally {
            makeReady(); // also when the handler throws
        }
    }

    private int handOver(WorkQueueHandler handler, int budget) {
        int taken = 0;
        while (taken < budget && !closed && !receives.isEmpty()) {
            receives.giveBack(); // what the program has received itself before
            if (!handOver(handler)) {
                suspend();
                return taken;
            }
            taken++;
        }
        if (!closed && receives.isEmpty() && failure != null && !failureTold) {
            failureTold = true;
            handler.onFailure(queue, failure);
        }
        return taken;
    }

    private boolean handOver(WorkQueueHandler handler) {
        group.refusing(null);
        inHandler = true;
        boolean accepted = true; // also when it throws
        try {
            accepted = handler.onMessage(queue, receives.oldest());
        } finally {
            inHandler = false;
            if (accepted) {
                receives.take();
                if (!closed) {
                    receives.giveBack();
                }
            }
        }
        return accepted;
    }

    /** The handler has refused: wait until the queue has room that had none, or for a call of resume. */
    private void suspend() {
        WorkQueueCore full = group.refusing();
        isSuspended = full == null || !full.closed && full.failure == null && full.sends.isFull();
        if (waitsFor != null && waitsFor != full) {
            waitsFor.waiting.remove(this);
            waitsFor = null;
        }
        if (isSuspended && full != null && waitsFor == null) {
            waitsFor = full;
            full.waiting.add(this);
        }
    }

    private void resumeWaiting() {
        WorkQueueCore next;
        while ((next = waiting.poll()) != null) {
            next.waitsFor = null;
            next.resume();
        }
    }

    void resume() {
        isSuspended = false;
        makeReady();
    }

    /** If there is something to tell the handler, it will get a turn. */
    private void makeReady() {
        boolean something = !receives.isEmpty() || failure != null && !failureTold;
        if (something && !isReady && !isSuspended && !closed) {
            isReady = true;
            group.addReady(this);
        }
    }

    void checkOpen(String verb) {
        if (closed) {
            throw new VerbsException(verb, Errno.EBADF, queue + " is closed");
        }
    }

    private void checkActive(String verb) {
        if (!isActive) {
            throw new VerbsException(verb, Errno.EINVAL, queue + " is not connected: call connect first");
        }
    }

    void checkUsable(String verb) {
        checkActive(verb);
        if (failure != null) {
            throw new VerbsException(
                    verb, Errno.EIO, queue + " has failed: " + failure.text() + ": close it and make another");
        }
    }
}
