package org.rddma.softdev.link;

import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.engine.Request;
import org.rddma.softdev.engine.Response;

/** The link inside a process: the peer's responder runs in the thread of the requester, and one copy moves the data. */
public final class LoopbackLink implements Link {
    private final PeerDirectory directory;

    /** The last peer: as long as the directory has not changed, its address means it. */
    private QueuePairEngine peer;

    private int peerVersion;

    private long peerGidHigh;
    private long peerGidLow;

    /**
     * A link of one queue pair.
     *
     * @param directory where peers are found
     */
    public LoopbackLink(PeerDirectory directory) {
        this.directory = directory;
    }

    @Override
    public int deliver(Request request) {
        QueuePairEngine target = peer;
        if (target == null
                || peerVersion != directory.version()
                || target.number() != request.destinationQueuePair()
                || peerGidLow != request.destinationGidLow()
                || peerGidHigh != request.destinationGidHigh()) {
            target = resolve(request);
            if (target == null) {
                return request.isMulticast() ? deliverToGroup(request) : Response.LOST;
            }
        }
        return target.receive(request);
    }

    private int deliverToGroup(Request request) {
        int response = Response.ACK;
        for (QueuePairEngine member : directory.group(request.destinationGidHigh(), request.destinationGidLow())) {
            if (member.receive(request) == Response.PAYLOAD_FAULT) {
                response = Response.PAYLOAD_FAULT;
            }
        }
        return response;
    }

    private QueuePairEngine resolve(Request request) {
        peerVersion = directory.version();
        peerGidHigh = request.destinationGidHigh();
        peerGidLow = request.destinationGidLow();
        peer = directory.find(peerGidHigh, peerGidLow, request.destinationQueuePair());
        return peer;
    }
}
