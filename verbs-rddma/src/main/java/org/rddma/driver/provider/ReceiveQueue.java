package org.rddma.driver.provider;

import static org.rddma.verbs.internal.ring.ReceiveEntryDescriptor.WR_ID;

import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.ReceiveEntryDescriptor;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.AbstractSendQueue;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.WorkRequestRules;

/**
 * A receive queue: posting puts a receive into the control block, where the peer finds it; what the peer notes there
 * as arrived is completed. Its caller holds the queue pair's lock.
 */
final class ReceiveQueue {
    private static final int LEAST_SLOTS = 8;
    private static final int MOST_STATUS = WorkCompletionStatus.TM_RNDV_INCOMPLETE.value();

    private final WorkRing ring;
    private final Completer completions;
    private final int number;
    private final int maxElements;
    private final ControlBlock block;

    ReceiveQueue(EngineConfig config, WorkRing ring, ControlBlock block) {
        this.ring = ring;
        this.block = block;
        completions = config.receives();
        number = config.number();
        maxElements = config.sizes().maxReceiveElements();
    }

    /** A ring for so many receives; here are their ids only, the rest is in the control block. */
    static WorkRing ring(int requests) {
        // as many as a send queue has at least: who finds room for a send, finds room for its receive
        return new WorkRing(requests == 0 ? 0 : Math.max(requests, LEAST_SLOTS), ReceiveEntryDescriptor.entryBytes(0));
    }

    int capacity() {
        return ring.capacity();
    }

    /** Posts a chain; returns the first request that does not fit. */
    ReceiveRequest post(ReceiveRequest first) {
        ReceiveRequest request = first;
        int room = ring.capacity(); // a chain may end in itself
        do {
            long unused = WorkRequestRules.checkElements("postReceive", request, maxElements);
            if (room-- == 0 || !ring.hasRoom(completions.ring())) {
                return request;
            }
            write(request);
            request = request.next();
        } while (request != null);
        return null;
    }

    private void write(ReceiveRequest request) {
        long position = ring.lpPosted();
        Words.spLong(ring.memory(), ring.entry(position) + WR_ID, request.wrId());
        AbstractSendQueue.writeElements(request, block.memory, block.receiveElements(position));
        ring.soPosted(position + 1);
        block.post(position, request.sgeCount());
    }

    /** Completes what has arrived; false when the queue pair must fail: a receive has, or its completion is lost. */
    boolean completeArrivals() {
        boolean well = true;
        while (ring.lpExecuted() != ring.lpPosted() && block.hasArrived(ring.lpExecuted())) {
            long position = ring.lpExecuted();
            int kind = block.arrivalKind(position);
            int status = knownStatus(block.arrivalStatus(position));
            boolean kept = complete(
                    position,
                    status,
                    knownOpcode(kind & 0xFF),
                    (kind & ControlBlock.IMMEDIATE) == 0 ? 0 : WorkCompletionFlags.WITH_IMM,
                    Math.max(0, block.arrivalLength(position)),
                    block.arrivalImmediate(position),
                    (kind & ControlBlock.SOLICITED) != 0);
            well &= kept && status == 0;
        }
        return well;
    }

    /** The peer writes into the control block: what it says may be wrong. */
    private static int knownStatus(int status) {
        return status >= 0 && status <= MOST_STATUS ? status : WorkCompletionStatus.GENERAL_ERR.value();
    }

    private static int knownOpcode(int opcode) {
        int write = WorkCompletionOpcode.RECV_RDMA_WITH_IMM.value();
        return opcode == write ? write : WorkCompletionOpcode.RECV.value();
    }

    /** Completes all that is posted with a flush error. Nobody takes receives any more. */
    void flush() {
        while (ring.lpExecuted() != ring.lpPosted()) {
            block.withdraw(ring.lpExecuted());
            boolean unused = complete(
                    ring.lpExecuted(),
                    WorkCompletionStatus.WR_FLUSH_ERR.value(),
                    WorkCompletionOpcode.RECV.value(),
                    0,
                    0,
                    0,
                    true);
        }
    }

    private boolean complete(
            long position, int status, int opcode, int flags, int bytes, int immediate, boolean solicited) {
        return completions.complete(
                Words.lpLong(ring.memory(), ring.entry(position) + WR_ID),
                status,
                opcode,
                flags,
                bytes,
                immediate,
                number,
                0,
                0,
                solicited,
                ring,
                position);
    }

    /** Forgets all. Nobody takes receives now. */
    void clear() {
        for (long position = ring.lpExecuted(); position != ring.lpPosted(); position++) {
            block.withdraw(position);
        }
        ring.clear();
        block.taken(ring.lpPosted());
    }
}
