package org.rddma.perftest;

import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.app.Endpoint;

/** Takes a queue pair to RTS with the attributes that the options ask for, in the values that perftest is known for. */
final class Connector {
    private Connector() {}

    /** Connects, in one direction; for datagrams returns the way to the peer, otherwise null. */
    static AddressHandle connect(Side side, Lane lane, SideAddress peer, LaneAddress peerLane) {
        Settings settings = side.settings;
        QueuePair queuePair = lane.queuePair;
        AddressVector vector = new AddressVector(peer.gid(), settings.gidIndex, 64, 0, 0, 0, settings.port);
        boolean datagram = queuePair.type() == QueuePairType.UD;
        boolean reliable = queuePair.type() == QueuePairType.RC;
        QueuePairAttributes toInit = new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(settings.port);
        QueuePairAttributes toReceive = new QueuePairAttributes().state(QueuePairState.RTR);
        QueuePairAttributes toSend =
                new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(lane.psn);
        if (datagram) {
            toInit.qkey(Endpoint.QKEY);
        } else {
            toInit.accessFlags(AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC);
            toReceive
                    .addressVector(vector)
                    .pathMtu(side.mtu())
                    .destinationQueuePair(peerLane.queuePair())
                    .rqPsn(peerLane.psn());
        }
        if (reliable) {
            toReceive.maxDestReadAtomic(side.outstandingReads()).minRnrTimer(12);
            toSend.timeout(14).retryCount(7).rnrRetry(7).maxReadAtomic(side.outstandingReads());
        }
        queuePair.modify(toInit);
        queuePair.modify(toReceive);
        queuePair.modify(toSend);
        return datagram ? queuePair.protectionDomain().createAddressHandle(vector) : null;
    }
}
