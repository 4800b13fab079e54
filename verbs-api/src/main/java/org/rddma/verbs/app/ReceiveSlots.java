package org.rddma.verbs.app;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.VerbsException;

/**
 * Room for as many messages as the queue's depth. A slot is posted, or has a message that waits, or is out: lent to the
 * program. At most one is out; it is posted again when the next is asked for.
 */
final class ReceiveSlots {
    /** Set in the ids of receives, which share a completion queue with the sends. */
    static final long ID_BIT = 1L << 32;

    private static final int NONE = -1;

    private final QueuePair pair;
    private final MemoryRegion memory;
    private final int messageSize;
    private final int offset;
    private final ByteBuffer[] views;
    private final ReceiveRequest request = new ReceiveRequest();
    private final ScatterGatherElement element = new ScatterGatherElement();

    /** Slots with messages, in the order of arrival. */
    private final int[] arrived;

    private final int[] lengths;
    private int oldest;
    private int count;
    private int posted;
    private int out = NONE;

    /** Uses the slots of the memory behind those for sending. */
    ReceiveSlots(QueuePair pair, MemoryRegion memory, WorkQueueOptions options) {
        this.pair = pair;
        this.memory = memory;
        messageSize = options.messageSize();
        offset = options.depth() * messageSize;
        arrived = new int[options.depth()];
        lengths = new int[options.depth()];
        views = new ByteBuffer[options.depth()];
        ByteBuffer all = memory.buffer();
        for (int slot = 0; slot < views.length; slot++) {
            views[slot] = all.slice(offset + slot * messageSize, messageSize);
        }
    }

    /** Posts all; after a failure, those that are not posted yet. */
    void postAll() {
        while (posted < views.length) {
            if (!post(posted)) {
                throw new VerbsException(
                        "WorkQueue.activate",
                        Errno.EINVAL,
                        pair + " has room for " + posted + " receives only: post none beside those of the queue");
            }
            posted++;
        }
    }

    /** The queue pair was reset: what was posted is gone. */
    void reset() {
        posted = 0;
    }

    void arrive(int slot, int length) {
        int last = oldest + count;
        last = last < arrived.length ? last : last - arrived.length;
        arrived[last] = slot;
        lengths[slot] = length;
        count++;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Lends the oldest message; there is one. It stays the oldest until {@link #take} is called. */
    ByteBuffer oldest() {
        int slot = arrived[oldest];
        return views[slot].clear().limit(lengths[slot]).order(ByteOrder.BIG_ENDIAN); // whatever was done to it
    }

    /** The oldest message is out; {@link #giveBack} ends that. */
    void take() {
        out = arrived[oldest];
        oldest = oldest + 1 == arrived.length ? 0 : oldest + 1;
        count--;
    }

    /** Posts the slot that is out, if any. */
    void giveBack() {
        if (out == NONE) {
            return;
        }
        int slot = out;
        out = NONE;
        try {
            boolean unused = post(slot);
        } catch (VerbsException e) {
            if (e.errno() != Errno.EIO) { // the device is gone: what has arrived can be taken all the same
                throw e;
            }
        }
    }

    private boolean post(int slot) {
        element.set(memory, offset + slot * messageSize, messageSize);
        return pair.postReceive(request.wrId(slot | ID_BIT).sge(element)) == null;
    }
}
