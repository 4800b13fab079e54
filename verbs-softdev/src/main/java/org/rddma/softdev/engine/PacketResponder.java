package org.rddma.softdev.engine;

import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketCounters;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.spi.Connection;
import org.rddma.verbs.spi.RetryTimer;

/**
 * Carries out the requests of peers, packet by packet: those only that are for it, and from its peer if it has one.
 */
abstract class PacketResponder extends ReceiveSide {
    /** Of a stream that meets congestion, one packet in this time is answered so. */
    private static final long CONGESTION_INTERVAL_NANOS = 50_000;

    final Connection connection;
    final AnswerWriter writer;
    private final PacketCounters counters;
    private final RetryTimer timer;
    private final int service;
    private boolean isEstablished;
    private boolean hasMetCongestion;
    private long metCongestion;

    PacketResponder(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {
        super(owner, config, receives);
        this.connection = connection;
        writer = new AnswerWriter(connection, config.number());
        counters = config.port().counters();
        timer = config.timer();
        service = type == QueuePairType.UD ? Opcodes.UD : type == QueuePairType.UC ? Opcodes.UC : Opcodes.RC;
    }

    static PacketResponder of(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {
        return switch (config.type()) {
            case RC -> new ReliableResponder(owner, config, connection, receives);
            case UC -> new UnreliableResponder(owner, config, connection, receives);
            case UD -> new DatagramResponder(owner, config, connection, receives);
            default -> throw new IllegalArgumentException(config.type() + " queue pairs send no packets");
        };
    }

    @Override
    void connect(int firstPsn) {
        isEstablished = false;
        hasMetCongestion = false;
    }

    @Override
    final void receive(ReceivedPacket packet, TransmitBatch answers) {
        int opcode = packet.opcode();
        if ((opcode & Opcodes.TRANSPORT) != service) {
            count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR);
        } else if (!isReceiving(owner.state())) {
            count(PacketCounter.DROPPED_STATE);
        } else if (type == QueuePairType.UD) {
            accept(packet, opcode, answers);
        } else if (!isFromPeer(packet)) {
            count(PacketCounter.DROPPED_WRONG_PEER);
        } else {
            if (packet.isCongested()) {
                answerCongestion(answers);
            }
            accept(packet, opcode, answers);
        }
    }

    /** A packet of this transport service, from the peer, in a state in which it is heard. */
    abstract void accept(ReceivedPacket packet, int opcode, TransmitBatch answers);

    private boolean isFromPeer(ReceivedPacket packet) {
        return packet.sourceGidLow() == connection.destinationGidLow()
                && packet.sourceGidHigh() == connection.destinationGidHigh();
    }

    private void answerCongestion(TransmitBatch answers) {
        long now = timer.nanoTime();
        if (!hasMetCongestion || now - metCongestion >= CONGESTION_INTERVAL_NANOS) {
            hasMetCongestion = true;
            metCongestion = now;
            writer.congestion(answers);
            count(PacketCounter.SENT_CNP);
        }
    }

    /** A packet of the peer is carried out: the first one is news to those who wait for it. */
    final void established() {
        if (!isEstablished && owner.state() == QueuePairState.RTR) {
            isEstablished = true;
            owner.announce(AsyncEventType.COMM_EST);
        }
    }

    final void count(PacketCounter counter) {
        counters.count(counter);
    }
}
