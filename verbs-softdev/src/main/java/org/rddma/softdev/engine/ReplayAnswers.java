package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.spi.Connection;

/** The answers that requests have of their own, packet by packet, and once more when a request comes again. */
final class ReplayAnswers {
    private static final long MAX_BYTES = 1L << 31;

    private final QueuePairEngine owner;
    private final MemoryTable memory;
    private final Object domain;
    private final Connection connection;
    private final AnswerWriter writer;
    private final ReplayTable replays;

    ReplayAnswers(
            QueuePairEngine owner,
            EngineConfig config,
            Connection connection,
            AnswerWriter writer,
            ReplayTable replays) {
        this.owner = owner;
        this.connection = connection;
        this.writer = writer;
        this.replays = replays;
        memory = config.memory();
        domain = config.domain();
    }

    /** How many packets the response to a read has. */
    int packets(long length) {
        int shift = connection.mtuShift();
        return (int) Math.max(1, length + (1 << shift) - 1 >> shift);
    }

    /** A request that was carried out before has come again. */
    void repeat(ReceivedPacket packet, int opcode) {
        int psn = packet.psn();
        Replay kept = replays.find(opcode, psn);
        if (kept == null) {
            return; // it is so old that nobody can be waiting for it
        }
        if (opcode != Opcodes.READ_REQUEST) {
            replays.repeat(kept, psn, 0, 0);
            return;
        }
        ByteBuffer headers = packet.memory();
        int at = packet.extension();
        long address = headers.getLong(at);
        long length = headers.getInt(at + RETH_LENGTH) & 0xFFFFFFFFL;
        if (length <= MAX_BYTES
                && kept.covers(psn, packets(length), headers.getInt(at + RETH_KEY), address, length)
                && !kept.willSend(psn, address, length)) {
            replays.repeat(kept, psn, address, length);
        }
    }

    /** Sends the next packet of an answer: one of {@link Response}. */
    int send(Replay next, TransmitBatch batch) {
        if (next.operation == Opcodes.READ_REQUEST) {
            return respond(next, batch);
        }
        if (next.operation == Opcodes.COMPARE_SWAP || next.operation == Opcodes.FETCH_ADD) {
            writer.atomicResult(batch, next.psn, next.messages, next.found);
        } else {
            writer.done(batch, next.psn, next.messages);
        }
        replays.answered(next);
        return Response.ACK;
    }

    private int respond(Replay next, TransmitBatch batch) {
        int bytes = (int) Math.min(1 << connection.mtuShift(), next.left);
        boolean isLast = bytes == next.left;
        int opcode = next.isAtFirst
                ? isLast ? Opcodes.READ_RESPONSE_ONLY : Opcodes.READ_RESPONSE_FIRST
                : isLast ? Opcodes.READ_RESPONSE_LAST : Opcodes.READ_RESPONSE_MIDDLE;
        int start = writer.beginResponse(batch, opcode, next.psn, next.messages);
        int headers = Opcodes.headerBytes(opcode);
        if (bytes > 0) {
            int response = fetch(next, batch.memory(), start + headers, bytes);
            if (response != Response.ACK) {
                return response; // the next packet is written over what was begun
            }
        }
        writer.end(batch, headers + bytes);
        next.sent(bytes);
        if (isLast) {
            replays.answered(next);
        }
        return Response.ACK;
    }

    /** The memory may have been withdrawn since the last packet. */
    private int fetch(Replay next, ByteBuffer to, int at, int bytes) {
        RegisteredMemory source = memory.find(next.key);
        long offset =
                source == null ? -1 : source.checkRemote(owner, domain, AccessFlags.REMOTE_READ, next.from, bytes);
        if (offset < 0) {
            return Response.NAK_REMOTE_ACCESS;
        }
        try {
            Copy.copy(source.memory, offset, to, at, bytes);
            return Response.ACK;
        } catch (NoMemoryThereException e) {
            return Response.NAK_REMOTE_ACCESS;
        } catch (RuntimeException | InternalError e) { // memory was taken away
            return Response.NAK_REMOTE_OPERATION;
        }
    }
}
