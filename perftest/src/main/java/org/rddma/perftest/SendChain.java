package org.rddma.perftest;

import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.app.Endpoint;

/**
 * The sends of one lane: a chain of requests, one or -l of them, posted again and again. Every so manieth asks for a
 * completion, and so does the last; its id is the number of sends up to it, so one completion retires all before it.
 */
final class SendChain {
    private static final int IMMEDIATE = 0x1234_5678;

    private final QueuePair queuePair;
    private final WorkRequestOpcode opcode;
    private final SendRequest[] requests;
    private final ScatterGatherElement[] elements;
    private final long id;
    private final int moderation;
    private final int inlineLimit;
    private final long localAddress;
    private final int lkey;
    private final Rotation rotation;
    private final int datagramHeader;

    private long remoteAddress;
    private int rkey;
    private int size;
    private int plainFlags;
    private int untilSignalled;
    private long posted;
    private long lastSignalled;
    private long target = Long.MAX_VALUE;

    SendChain(Side side, QueuePair queuePair, long id, int offset) {
        this.queuePair = queuePair;
        this.id = id;
        Settings settings = side.settings;
        opcode = settings.opcode;
        moderation = settings.cqModeration;
        untilSignalled = moderation;
        inlineLimit = side.inlineLimit();
        datagramHeader = side.datagramHeader();
        localAddress = side.sendRegion.address() + offset;
        lkey = side.sendRegion.lkey();
        rotation = new Rotation(side.rotationArea());
        requests = new SendRequest[settings.postList];
        elements = new ScatterGatherElement[settings.postList];
        for (int i = requests.length - 1; i >= 0; i--) {
            elements[i] = new ScatterGatherElement();
            requests[i] = new SendRequest().sge(elements[i]);
            if (i + 1 < requests.length) {
                requests[i].next(requests[i + 1]);
            }
        }
    }

    /** Where the peer's memory is, and for datagrams the way to it. */
    void aim(long address, int key, AddressHandle handle, int remoteQueuePair) {
        remoteAddress = address;
        rkey = key;
        for (SendRequest request : requests) {
            if (handle != null) {
                request.datagram(handle, remoteQueuePair, Endpoint.QKEY);
            }
        }
    }

    /** Before messages of another size; nothing is under way. */
    void prepare(int messageSize) {
        size = messageSize;
        plainFlags = inlineLimit > 0 && messageSize <= inlineLimit ? SendFlags.INLINE : 0;
        rotation.prepare(messageSize + datagramHeader);
        for (int i = 0; i < requests.length; i++) {
            place(requests[i], elements[i]);
        }
    }

    /** How many are to be sent in all; the last asks for a completion. */
    void target(long count) {
        target = count;
    }

    long target() {
        return target;
    }

    /** The nearest end at which the last send has asked for a completion. */
    void endSoon() {
        target = untilSignalled == moderation ? posted : posted + untilSignalled;
    }

    long posted() {
        return posted;
    }

    long lastSignalled() {
        return lastSignalled;
    }

    /** How many one post sends. */
    int length() {
        return requests.length;
    }

    WorkRequestOpcode opcode() {
        return opcode;
    }

    /** Posts the chain. */
    void post() {
        for (int i = 0; i < requests.length; i++) {
            SendRequest request = requests[i];
            posted++;
            if (--untilSignalled == 0 || posted == target) {
                untilSignalled = moderation;
                lastSignalled = posted;
                request.wrId(id | posted).flags(plainFlags | SendFlags.SIGNALED);
            } else {
                request.wrId(id | posted).flags(plainFlags);
            }
            if (rotation.isOn()) {
                place(request, elements[i]);
            }
        }
        if (queuePair.postSend(requests[0]) != null) {
            throw new RunFailedException("the send queue is full though no more than -t are under way");
        }
    }

    private void place(SendRequest request, ScatterGatherElement element) {
        int offset = rotation.next();
        element.set(localAddress + offset, size, lkey);
        long remote = remoteAddress + offset;
        switch (opcode) {
            case SEND -> request.send();
            case SEND_WITH_IMM -> request.sendWithImmediate(IMMEDIATE);
            case RDMA_WRITE -> request.write(remote, rkey);
            case RDMA_WRITE_WITH_IMM -> request.writeWithImmediate(remote, rkey, IMMEDIATE);
            case RDMA_READ -> request.read(remote, rkey);
            case ATOMIC_FETCH_AND_ADD -> request.fetchAndAdd(remote, rkey, 1);
            case ATOMIC_CMP_AND_SWP -> request.compareAndSwap(remote, rkey, 0, 0);
            default -> throw new IllegalStateException("no test has opcode " + opcode);
        }
    }
}
