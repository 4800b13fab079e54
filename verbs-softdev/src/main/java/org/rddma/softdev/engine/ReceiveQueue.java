package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.ReceiveEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.SpinLock;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.AbstractSendQueue;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.WorkRequestRules;

/** A receive queue. Posters take turns under a lock of their own; the responder takes entries under its lock. */
final class ReceiveQueue extends Receives {
    private final WorkRing ring;
    private final Completer completions;
    private final int number;
    private final int maxElements;
    private final SpinLock postLock = new SpinLock();

    ReceiveQueue(EngineConfig config) {
        completions = config.receives();
        number = config.number();
        maxElements = config.sizes().maxReceiveElements();
        // Twice as large as asked for, if it may: who keeps as many receives posted as were asked for then never finds
        // the
        // ring full, and seldom reads the position that the other core keeps writing.
        int asked = config.sizes().maxReceiveRequests();
        int room = Math.max(asked, Math.min(2 * asked, config.limits().maxQueuePairWorkRequests()));
        ring = new WorkRing(room, entryBytes(maxElements));
    }

    @Override
    int capacity() {
        return ring.capacity();
    }

    @Override
    WorkRing ring() {
        return ring;
    }

    // ---- posters

    /** Writes a chain; returns the first request that does not fit. */
    @Override
    ReceiveRequest post(ReceiveRequest first, QueuePairEngine owner) {
        postLock.lock();
        try {
            if (owner.state() == QueuePairState.RESET) {
                owner.requireNotDestroyed("postReceive");
                throw new VerbsException(
                        "postReceive", Errno.EINVAL, "the queue pair is in RESET: take it to INIT first", first);
            }
            ReceiveRequest request = first;
            int room = ring.capacity(); // as in the send queue: a chain may end in itself
            do {
                WorkRequestRules.checkElements("postReceive", request, maxElements);
                if (room-- == 0 || !ring.hasRoom(completions.ring())) {
                    return request;
                }
                write(request);
                request = request.next();
            } while (request != null);
            return null;
        } finally {
            postLock.unlock();
        }
    }

    private void write(ReceiveRequest request) {
        long position = ring.lpPosted();
        int entry = ring.entry(position);
        ByteBuffer memory = ring.memory();
        Words.spInt(memory, entry + ELEMENTS, request.sgeCount());
        Words.spLong(memory, entry + WR_ID, request.wrId());
        AbstractSendQueue.writeElements(request, memory, entry + DATA);
        ring.soPosted(position + 1);
        Words.soInt(memory, entry + GENERATION, ring.generation(position));
    }

    @Override
    void lockPosters() {
        postLock.lock();
    }

    @Override
    void unlockPosters() {
        postLock.unlock();
    }

    @Override
    void clear() {
        ring.clear();
    }

    // ---- the responder

    @Override
    int maxElements() {
        return maxElements;
    }

    @Override
    boolean choose(Request request) {
        return true;
    }

    @Override
    boolean take() {
        return !isEmpty();
    }

    /** Nothing to do: the entry is taken when it is completed. */
    @Override
    void giveBack() {}

    private boolean isEmpty() {
        long position = ring.lpExecuted();
        return Words.laInt(ring.memory(), ring.entry(position) + GENERATION) != ring.generation(position);
    }

    /** Finds the memory of the next receive; false when it may not be used so. */
    @Override
    boolean load(Segments into, MemoryTable memory, Object domain, int rights) {
        int entry = ring.entry(ring.lpExecuted());
        int elements = Words.lpInt(ring.memory(), entry + ELEMENTS);
        return into.load(ring.memory(), entry + DATA, elements, memory, domain, rights);
    }

    /** Completes the next receive; false when the completion is lost. */
    @Override
    boolean complete(
            WorkCompletionStatus status,
            WorkCompletionOpcode opcode,
            int flags,
            long bytes,
            Request request,
            boolean solicited) {
        long position = ring.lpExecuted();
        long wrId = Words.lpLong(ring.memory(), ring.entry(position) + WR_ID);
        boolean datagram = request != null && request.transport == QueuePairType.UD;
        return completions.complete(
                wrId,
                status.value(),
                opcode.value(),
                flags,
                (int) bytes,
                request == null ? 0 : request.immediate,
                number,
                datagram ? request.sourceQueuePair : 0,
                datagram ? request.serviceLevel : 0,
                solicited,
                ring,
                position);
    }

    /**
     * Completes all that is posted with a flush error. The queue pair is in the error state by now: posters that took
     * their lock before are waited for, and posters that take it later see the state and flush by themselves; so none
     * stays behind.
     */
    @Override
    void flush() {
        postLock.lock();
        postLock.unlock();
        while (!isEmpty()) {
            boolean unused = complete(WorkCompletionStatus.WR_FLUSH_ERR, WorkCompletionOpcode.RECV, 0, 0, null, true);
        }
    }
}
