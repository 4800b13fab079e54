package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.Path;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.spi.Connection;

/** Writes answers to the peer of a connection. */
final class AnswerWriter {
    private static final int CONGESTION_BYTES = 16;

    private final Connection connection;
    private final int number;
    private Path path = new Path(0, 0, 0, 0, 0);

    AnswerWriter(Connection connection, int number) {
        this.connection = connection;
        this.number = number;
    }

    /** An acknowledgement, or its opposite. */
    void acknowledge(TransmitBatch batch, int syndrome, int psn, int messages) {
        int start = begin(batch, Opcodes.ACKNOWLEDGE, psn);
        putSyndrome(batch, start, syndrome, messages);
        batch.end(BTH_BYTES + AETH_BYTES, path());
    }

    void atomicResult(TransmitBatch batch, int psn, int messages, long value) {
        int start = begin(batch, Opcodes.ATOMIC_ACKNOWLEDGE, psn);
        putSyndrome(batch, start, SYNDROME_ACK | UNLIMITED_CREDITS, messages);
        batch.memory().putLong(start + BTH_BYTES + AETH_BYTES, value);
        batch.end(BTH_BYTES + AETH_BYTES + ATOMIC_ACK_BYTES, path());
    }

    /** What answers a flush and an atomic write: the response to a read of nothing. */
    void done(TransmitBatch batch, int psn, int messages) {
        int start = begin(batch, Opcodes.READ_RESPONSE_ONLY, psn);
        putSyndrome(batch, start, SYNDROME_ACK | UNLIMITED_CREDITS, messages);
        batch.end(BTH_BYTES + AETH_BYTES, path());
    }

    /** Begins a packet of the response to a read: returns where it is. */
    int beginResponse(TransmitBatch batch, int opcode, int psn, int messages) {
        int start = begin(batch, opcode, psn);
        if (opcode != Opcodes.READ_RESPONSE_MIDDLE) {
            putSyndrome(batch, start, SYNDROME_ACK | UNLIMITED_CREDITS, messages);
        }
        return start;
    }

    void end(TransmitBatch batch, int bytes) {
        batch.end(bytes, path());
    }

    /** Tells the peer that its packets meet congestion. */
    void congestion(TransmitBatch batch) {
        int start = begin(batch, Opcodes.CNP, 0);
        ByteBuffer memory = batch.memory();
        memory.put(start + DESTINATION, (byte) BECN);
        memory.putLong(start + BTH_BYTES, 0);
        memory.putLong(start + BTH_BYTES + Long.BYTES, 0);
        batch.end(BTH_BYTES + CONGESTION_BYTES, path());
    }

    private int begin(TransmitBatch batch, int opcode, int psn) {
        if (batch.isFull()) {
            batch.send();
        }
        return batch.begin(opcode, false, connection.destinationQueuePair(), psn, false);
    }

    private static void putSyndrome(TransmitBatch batch, int start, int syndrome, int messages) {
        batch.memory().putInt(start + BTH_BYTES, syndrome << 24 | messages & MASK_24);
    }

    /** Made anew when the connection has changed. */
    private Path path() {
        int port = Path.sourcePort(connection.flowLabel(), number, connection.destinationQueuePair());
        Path last = path;
        if (last.destinationGidLow() == connection.destinationGidLow()
                && last.destinationGidHigh() == connection.destinationGidHigh()
                && last.trafficClass() == connection.trafficClass()
                && last.hopLimit() == connection.hopLimit()
                && last.sourcePort() == port) {
            return last;
        }
        path = new Path(
                connection.destinationGidHigh(),
                connection.destinationGidLow(),
                connection.trafficClass(),
                connection.hopLimit(),
                port);
        return path;
    }
}
