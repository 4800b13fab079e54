package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.MASK_24;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.spi.Connection;

/**
 * Carries out what comes over an unreliable connection. Nothing is answered. When a packet is missing, or cannot be
 * carried out, its message is lost: what is left of it is dropped, and the next one begins with whatever number it
 * has.
 */
final class UnreliableResponder extends PacketResponder {
    private final IncomingMessage message;
    private int expectedPsn;

    UnreliableResponder(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {
        super(owner, config, connection, receives);
        message = new IncomingMessage(this, config, connection);
    }

    @Override
    void connect(int firstPsn) {
        super.connect(firstPsn);
        expectedPsn = firstPsn;
    }

    @Override
    void clear() {
        message.abandon();
    }

    @Override
    void abort() {
        message.flush();
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return message.refersTo(other);
    }

    @Override
    void forgetMemory() {
        message.forgetMemory();
    }

    @Override
    void accept(ReceivedPacket packet, int opcode, TransmitBatch answers) {
        int psn = packet.psn();
        if (psn != expectedPsn || Opcodes.isFirst(opcode)) {
            message.abandon();
        }
        expectedPsn = psn + 1 & MASK_24;
        if (!message.isFollowedBy(opcode)) {
            count(PacketCounter.DROPPED_SEQUENCE);
            return;
        }
        established();
        switch (message.receive(packet, opcode)) {
            case Response.ACK -> {
                if (Opcodes.isLast(opcode) && !IncomingMessage.isWrite(opcode)) {
                    count(PacketCounter.RECEIVES);
                }
            }
            case Response.NOT_READY -> {
                message.abandon();
                count(PacketCounter.DROPPED_NO_RECEIVE);
            }
            case Response.NAK_REMOTE_ACCESS -> count(PacketCounter.DROPPED_ACCESS);
            default -> count(PacketCounter.DROPPED_INVALID);
        }
    }
}
