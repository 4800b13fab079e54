package org.rddma.softdev;

import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.engine.Request;
import org.rddma.softdev.engine.Response;
import org.rddma.softdev.link.Link;
import org.rddma.softdev.link.PeerDirectory;
import org.rddma.verbs.QueuePairType;

/** A link that loses and refuses what it may. */
final class HostileLink implements Link {
    private final Scheduler scheduler;
    private final PeerDirectory directory;
    private final Link link;

    /** Whether the request under way was carried out and its answer was lost, and what the answer was. */
    private boolean answerLost;

    private long lostResult;

    HostileLink(Scheduler scheduler, PeerDirectory directory, Link link) {
        this.scheduler = scheduler;
        this.directory = directory;
        this.link = link;
    }

    @Override
    public int deliver(Request request) {
        QueuePairEngine peer = directory.find(
                request.destinationGidHigh(), request.destinationGidLow(), request.destinationQueuePair());
        if (peer != null) {
            scheduler.detail(" -> " + peer.config().schedule());
        } else {
            scheduler.detail(request.isMulticast() ? " -> multicast group" : " -> nobody");
        }
        if (request.isReliable()) {
            return deliverReliably(request, peer);
        }
        boolean datagram = request.transport() == QueuePairType.UD;
        if (scheduler.chance(datagram ? Freedom.LOST_DATAGRAMS : Freedom.LOST_MESSAGES)) {
            scheduler.detail(datagram ? ": drop datagram" : ": lose message");
            return Response.LOST;
        }
        return carryOut(request);
    }

    private int deliverReliably(Request request, QueuePairEngine peer) {
        boolean heard = peer != null && peer.listensTo(request);
        if (answerLost && heard) {
            return repeatAnswer(request);
        }
        if (request.mayBeLost() && scheduler.chance(Freedom.LOST_REQUESTS)) {
            scheduler.detail(": lose request");
            return Response.LOST;
        }
        if (heard && request.takesReceive() && request.mayBeRefused() && scheduler.chance(Freedom.REFUSALS)) {
            scheduler.detail(": refuse");
            request.rnrTimer(peer.minRnrTimer());
            return Response.NOT_READY;
        }
        int response = carryOut(request);
        if (response == Response.ACK && request.mayBeLost() && scheduler.chance(Freedom.LOST_ANSWERS)) {
            answerLost = true;
            lostResult = request.atomicResult();
            scheduler.detail(", lose answer");
            return Response.LOST;
        }
        return response;
    }

    /** The peer has carried this out: it sees a duplicate and answers again. */
    private int repeatAnswer(Request request) {
        answerLost = false;
        request.atomicResult(lostResult);
        scheduler.detail(": duplicate, answered again");
        return Response.ACK;
    }

    private int carryOut(Request request) {
        int response = link.deliver(request);
        scheduler.detail(
                switch (response) {
                    case Response.ACK -> ": done";
                    case Response.LOST -> ": no answer";
                    case Response.NOT_READY -> ": receiver not ready";
                    case Response.NAK_INVALID_REQUEST -> ": invalid request";
                    case Response.NAK_REMOTE_ACCESS -> ": remote access error";
                    case Response.NAK_REMOTE_OPERATION -> ": remote operation error";
                    default -> ": payload fault";
                });
        return response;
    }

    @Override
    public void forget() {
        answerLost = false;
        link.forget();
    }
}
