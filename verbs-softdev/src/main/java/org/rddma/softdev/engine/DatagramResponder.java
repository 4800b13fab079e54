package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.spi.Connection;

/** Receives datagrams, from anybody who knows the Q_Key. What does not fit is dropped, and takes no receive. */
final class DatagramResponder extends PacketResponder {
    private final MemoryTable memory;
    private final Object domain;
    private final int mtu;
    private final Segments scatter;
    private final RoceRoutingHeader header = new RoceRoutingHeader();

    /** What the completion tells besides. */
    private final Request facts = new Request(0);

    DatagramResponder(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {
        super(owner, config, connection, receives);
        memory = config.memory();
        domain = config.domain();
        mtu = config.portMtu();
        scatter = new Segments(receives.maxElements());
        facts.transport = type;
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return scatter.refersTo(other);
    }

    @Override
    void forgetMemory() {
        scatter.forget();
    }

    @Override
    void accept(ReceivedPacket packet, int opcode, TransmitBatch answers) {
        ByteBuffer bytes = packet.memory();
        int at = packet.extension();
        if (bytes.getInt(at) != connection.qkey()) {
            count(PacketCounter.DROPPED_Q_KEY);
        } else if (packet.payloadBytes() > mtu) {
            count(PacketCounter.DROPPED_OVERSIZE);
        } else if (!receives.take()) {
            count(PacketCounter.DROPPED_NO_RECEIVE);
        } else {
            facts.sourceQueuePair = bytes.getInt(at + 4) & MASK_24;
            facts.solicited = packet.isSolicited();
            boolean immediate = opcode == (Opcodes.UD | Opcodes.SEND_ONLY_IMMEDIATE);
            facts.immediate = immediate ? bytes.getInt(at + DETH_BYTES) : 0;
            receive(packet, immediate ? WorkCompletionFlags.WITH_IMM : 0);
        }
    }

    private void receive(ReceivedPacket packet, int flags) {
        int payload = packet.payloadBytes();
        long total = (long) payload + RoceRoutingHeader.BYTES;
        if (!receives.load(scatter, memory, domain, AccessFlags.LOCAL_WRITE)) {
            completeWithError(WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionOpcode.RECV);
        } else if (total > scatter.total()) {
            receives.giveBack();
            count(PacketCounter.DROPPED_NO_RECEIVE);
        } else {
            header.set(packet);
            try {
                scatter.scatter(0, header.memory(), 0, RoceRoutingHeader.BYTES);
                scatter.scatter(RoceRoutingHeader.BYTES, packet.memory(), packet.payload(), payload);
            } catch (RuntimeException | InternalError e) { // memory was taken away
                completeWithError(WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionOpcode.RECV);
                return;
            }
            count(PacketCounter.RECEIVES);
            complete(WorkCompletionOpcode.RECV, flags | WorkCompletionFlags.GRH, total, facts);
        }
    }
}
