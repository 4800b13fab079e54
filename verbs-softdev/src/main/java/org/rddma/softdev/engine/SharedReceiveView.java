package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.ReceiveEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.spi.Completer;

/**
 * A queue pair's share of a shared receive queue: at most one receive, taken under the responder lock. On an extended
 * reliable connection each message says of which queue.
 */
final class SharedReceiveView extends Receives {
    private final EngineConfig config;
    private final boolean chooses;
    private SharedReceives shared;
    private Completer completions;
    private Object domain;
    private int slot;
    private ByteBuffer memory;
    private boolean isLastAnnounced;

    SharedReceiveView(EngineConfig config) {
        this.config = config;
        chooses = config.type() == QueuePairType.XRC_RECV;
        shared = config.shared();
        completions = config.receives();
        domain = config.domain();
    }

    @Override
    int capacity() {
        return 0;
    }

    @Override
    int maxElements() {
        return shared == null ? config.limits().maxSharedReceiveElements() : shared.maxElements();
    }

    @Override
    ReceiveRequest post(ReceiveRequest first, QueuePairEngine owner) {
        throw new VerbsException(
                "postReceive",
                Errno.EINVAL,
                config.type() == QueuePairType.XRC_SEND
                        ? "this queue pair only sends"
                        : "this queue pair has no receive queue: post to the shared receive queue",
                first);
    }

    @Override
    void lockPosters() {}

    @Override
    void unlockPosters() {}

    @Override
    void clear() {
        isLastAnnounced = false;
    }

    @Override
    boolean choose(Request request) {
        if (!chooses) {
            return true;
        }
        XrcTarget target = config.xrc().apply(request.sharedReceiveQueue);
        if (target == null) {
            return false;
        }
        shared = target.receives();
        completions = target.completions();
        domain = target.domain();
        return true;
    }

    @Override
    boolean take() {
        slot = shared.take(completions);
        memory = slot < 0 ? null : shared.memory();
        return slot >= 0;
    }

    @Override
    void giveBack() {
        shared.giveBack(slot);
    }

    @Override
    boolean load(Segments into, MemoryTable table, Object unused, int rights) {
        int entry = shared.entry(slot);
        return into.load(memory, entry + DATA, Words.lpInt(memory, entry + ELEMENTS), table, domain, rights);
    }

    @Override
    boolean complete(
            WorkCompletionStatus status,
            WorkCompletionOpcode opcode,
            int flags,
            long bytes,
            Request request,
            boolean solicited) {
        boolean datagram = request != null && request.transport == QueuePairType.UD;
        boolean kept = completions.complete(
                Words.lpLong(memory, shared.entry(slot) + WR_ID),
                status.value(),
                opcode.value(),
                flags,
                (int) bytes,
                request == null ? 0 : request.immediate,
                config.number(),
                datagram ? request.sourceQueuePair : 0,
                datagram ? request.serviceLevel : 0,
                solicited,
                shared,
                slot);
        shared.checkLimit();
        return kept;
    }

    /** The receives belong to all: none is flushed. */
    @Override
    void flush() {
        if (!isLastAnnounced && !chooses) {
            isLastAnnounced = true;
            config.events().accept(AsyncEventType.QP_LAST_WQE_REACHED);
        }
    }
}
