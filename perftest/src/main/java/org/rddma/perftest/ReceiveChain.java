package org.rddma.perftest;

import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SharedReceiveQueue;

/**
 * The receives of one lane, or of all lanes that share a queue of them: a chain of requests, one or
 * --recv_post_list of them, posted again when used up.
 */
final class ReceiveChain {
    private final QueuePair queuePair;
    /** Null when the queue pair has its own. */
    private final SharedReceiveQueue shared;

    private final ReceiveRequest[] requests;
    private final ScatterGatherElement[] elements;
    private final long address;
    private final int lkey;
    private final int depth;
    private final Rotation rotation;
    private final int datagramHeader;
    private int length;
    private int used;

    /** For one queue pair; or, when it has a shared receive queue, for all that have this one. */
    ReceiveChain(Side side, QueuePair queuePair, long id, int offset) {
        this.queuePair = queuePair;
        shared = queuePair.sharedReceiveQueue();
        Settings settings = side.settings;
        depth = settings.receives() ? settings.rxDepth : 0;
        datagramHeader = side.datagramHeader();
        address = side.receiveRegion.address() + offset;
        lkey = side.receiveRegion.lkey();
        rotation = new Rotation(side.rotationArea());
        requests = new ReceiveRequest[settings.receivePostList];
        elements = new ScatterGatherElement[settings.receivePostList];
        for (int i = requests.length - 1; i >= 0; i--) {
            elements[i] = new ScatterGatherElement();
            requests[i] = new ReceiveRequest(id, elements[i]);
            if (i + 1 < requests.length) {
                requests[i].next(requests[i + 1]);
            }
        }
    }

    /** Before messages up to this size: fills the receive queue. Receives that are there already stay. */
    void prepare(int largest, boolean fill) {
        length = largest + datagramHeader;
        rotation.prepare(length);
        for (ScatterGatherElement element : elements) {
            element.set(address + rotation.next(), length, lkey);
        }
        if (fill) {
            for (int i = 0; i < depth; i += requests.length) {
                post();
            }
        }
    }

    /** A message has used up a receive. */
    void repost() {
        if (++used == requests.length) {
            used = 0;
            post();
        }
    }

    /** Whether a message may come before the receive that the last one used up is posted again. */
    boolean isDeep() {
        return depth > requests.length;
    }

    private void post() {
        if (rotation.isOn()) {
            for (ScatterGatherElement element : elements) {
                element.set(address + rotation.next(), length, lkey);
            }
        }
        ReceiveRequest first = requests[0];
        if ((shared == null ? queuePair.postReceive(first) : shared.postReceive(first)) != null) {
            throw new RunFailedException("the receive queue is full though no more than -r are posted");
        }
    }
}
