package org.rddma.verbs.app;

import java.nio.ByteBuffer;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;

/**
 * The requests that a queue has under way, in a ring in the order of posting; each slot has room for a message of its
 * own. Every request is signalled, and its id is its slot. Completions may come in any order, as devices of weak order
 * make them; a slot is free when its completion and those of all before it have come.
 */
final class SendSlots {
    private final QueuePair pair;
    private final MemoryRegion memory;
    private final ByteBuffer bytes;
    private final int messageSize;
    private final boolean[] done;
    private final SharedMemory.Share[] shares;
    private final SendRequest request = new SendRequest().flags(SendFlags.SIGNALED);
    private final ScatterGatherElement own = new ScatterGatherElement();
    private int oldest;
    private int next;
    private long posted;
    private long completed;

    /** Uses the first slots of the memory, as many as the depth. */
    SendSlots(QueuePair pair, MemoryRegion memory, WorkQueueOptions options) {
        this.pair = pair;
        this.memory = memory;
        bytes = memory.buffer();
        messageSize = options.messageSize();
        done = new boolean[options.depth()];
        shares = new SharedMemory.Share[options.depth()];
    }

    boolean isFull() {
        return posted - completed == done.length;
    }

    long posted() {
        return posted;
    }

    long completed() {
        return completed;
    }

    /** Sends a copy of the message; there is a free slot. False when the device has no room all the same. */
    boolean send(ByteBuffer message) {
        int length = message.remaining();
        int offset = next * messageSize;
        bytes.put(offset, message, message.position(), length);
        request.send();
        if (!post(own.set(memory, offset, length), null)) {
            return false;
        }
        message.position(message.limit());
        return true;
    }

    boolean send(ScatterGatherElement shared, SharedMemory.Share share) {
        request.send();
        return post(shared, share);
    }

    boolean read(ScatterGatherElement shared, SharedMemory.Share share, long remoteAddress, int rkey) {
        request.read(remoteAddress, rkey);
        return post(shared, share);
    }

    boolean write(ScatterGatherElement shared, SharedMemory.Share share, long remoteAddress, int rkey) {
        request.write(remoteAddress, rkey);
        return post(shared, share);
    }

    private boolean post(ScatterGatherElement element, SharedMemory.Share share) {
        if (pair.postSend(request.wrId(next).sge(element)) != null) {
            return false;
        }
        if (share != null) {
            shares[next] = share;
            share.uses++;
        }
        next = after(next);
        posted++;
        return true;
    }

    /** The request of a slot is done, well or not. Only what has succeeded counts as completed. */
    void complete(int slot, boolean success) {
        SharedMemory.Share share = shares[slot];
        if (share != null) {
            share.uses--;
            shares[slot] = null;
        }
        done[slot] = success;
        while (done[oldest]) {
            done[oldest] = false;
            oldest = after(oldest);
            completed++;
        }
    }

    private int after(int slot) {
        return slot + 1 == done.length ? 0 : slot + 1;
    }
}
