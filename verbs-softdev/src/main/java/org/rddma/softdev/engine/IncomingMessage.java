package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.spi.Connection;

/**
 * The send or write whose packets are coming: puts each packet where it belongs at once, and completes the receive
 * with the last one. A send takes its receive with its first packet, a write with immediate with its last.
 *
 * <p>Memory may be withdrawn between two packets. So nothing that was found for one packet is kept for the next: of
 * a send, the list of the receive is looked up again; of a write, its key.
 *
 * <p>Where a packet cannot be carried out, the message has ended when {@link #receive} returns: on a reliable
 * connection with the queue pair, on an unreliable one as if it had never begun.
 */
final class IncomingMessage {
    private static final long MAX_BYTES = 1L << 31;

    private static final int NONE = 0;
    private static final int SEND = 1;
    private static final int WRITE = 2;

    private final ReceiveSide side;
    private final Receives receives;
    private final MemoryTable memory;
    private final Object domain;
    private final Connection connection;
    private final Segments scatter;

    /** What the completion tells besides. */
    private final Request facts = new Request(0);

    private int kind;
    private boolean holdsReceive;
    private long done;

    // of a write: where its next packet goes, and how much is to come
    private int key;
    private long address;
    private long remaining;

    IncomingMessage(ReceiveSide side, EngineConfig config, Connection connection) {
        this.side = side;
        this.connection = connection;
        receives = side.receives;
        memory = config.memory();
        domain = config.domain();
        scatter = new Segments(receives.maxElements());
        facts.transport = side.type;
    }

    boolean refersTo(ByteBuffer other) {
        return scatter.refersTo(other);
    }

    void forgetMemory() {
        scatter.forget();
    }

    /** Whether a packet of it has come, and its last has not. */
    boolean isOpen() {
        return kind != NONE;
    }

    /** Whether an operation may come now. */
    boolean isFollowedBy(int opcode) {
        return Opcodes.isFirst(opcode) ? kind == NONE : kind == (isWrite(opcode) ? WRITE : SEND);
    }

    /** Whether a packet with an operation is part of such a message. */
    static boolean isPartOfOne(int opcode) {
        int operation = Opcodes.operation(opcode);
        return operation <= Opcodes.WRITE_ONLY_IMMEDIATE
                || operation == Opcodes.SEND_LAST_INVALIDATE
                || operation == Opcodes.SEND_ONLY_INVALIDATE;
    }

    static boolean isWrite(int opcode) {
        int operation = Opcodes.operation(opcode);
        return operation >= Opcodes.WRITE_FIRST && operation <= Opcodes.WRITE_ONLY_IMMEDIATE;
    }

    /** Forgets it: its receive is the next again. */
    void abandon() {
        kind = NONE;
        if (holdsReceive) {
            holdsReceive = false;
            receives.giveBack();
        }
    }

    /** The queue pair has failed: the receive that it took is flushed before all others. */
    void flush() {
        kind = NONE;
        if (holdsReceive) {
            holdsReceive = false;
            boolean unused =
                    receives.complete(WorkCompletionStatus.WR_FLUSH_ERR, WorkCompletionOpcode.RECV, 0, 0, null, true);
        }
    }

    /** Carries out a packet that may come now: one of {@link Response}. */
    int receive(ReceivedPacket packet, int opcode) {
        if (isWrite(opcode)) {
            return write(packet, opcode);
        }
        return send(packet, opcode);
    }

    // ---- sends

    private int send(ReceivedPacket packet, int opcode) {
        if (Opcodes.isFirst(opcode)) {
            if (!receives.take()) {
                return Response.NOT_READY;
            }
            holdsReceive = true;
            done = 0;
        }
        int bytes = packet.payloadBytes();
        if (!hasRightLength(opcode, bytes)) {
            return refuse(Response.NAK_INVALID_REQUEST);
        }
        if (!receives.load(scatter, memory, domain, AccessFlags.LOCAL_WRITE)) {
            return failReceive(WorkCompletionStatus.LOC_PROT_ERR, Response.NAK_REMOTE_OPERATION);
        }
        if (done + bytes > scatter.total() || done + bytes > MAX_BYTES) {
            return failReceive(WorkCompletionStatus.LOC_LEN_ERR, Response.NAK_INVALID_REQUEST);
        }
        try {
            scatter.scatter(done, packet.memory(), packet.payload(), bytes);
        } catch (RuntimeException | InternalError e) { // memory was taken away
            return failReceive(WorkCompletionStatus.LOC_PROT_ERR, Response.NAK_REMOTE_OPERATION);
        }
        done += bytes;
        kind = SEND;
        if (Opcodes.isLast(opcode)) {
            endSend(packet, opcode);
        }
        return Response.ACK;
    }

    private void endSend(ReceivedPacket packet, int opcode) {
        end();
        int flags = 0;
        int operation = Opcodes.operation(opcode);
        if (operation == Opcodes.SEND_LAST_INVALIDATE || operation == Opcodes.SEND_ONLY_INVALIDATE) {
            int invalid = packet.memory().getInt(packet.extension());
            if (!memory.invalidate(invalid, side.owner)) {
                // the message has arrived, and the sender learns nothing of what is wrong here
                side.completeWithError(WorkCompletionStatus.REM_INV_REQ_ERR, WorkCompletionOpcode.RECV);
                return;
            }
            facts.immediate = invalid;
            flags = WorkCompletionFlags.WITH_INV;
        } else if (operation == Opcodes.SEND_LAST_IMMEDIATE || operation == Opcodes.SEND_ONLY_IMMEDIATE) {
            facts.immediate = packet.memory().getInt(packet.extension());
            flags = WorkCompletionFlags.WITH_IMM;
        }
        facts.solicited = packet.isSolicited();
        side.complete(WorkCompletionOpcode.RECV, flags, done, facts);
    }

    // ---- writes

    private int write(ReceivedPacket packet, int opcode) {
        if ((connection.accessFlags() & AccessFlags.REMOTE_WRITE) == 0) {
            return refuse(Response.NAK_INVALID_REQUEST);
        }
        boolean isFirst = Opcodes.isFirst(opcode);
        boolean isLast = Opcodes.isLast(opcode);
        boolean immediate = Opcodes.takesReceive(opcode);
        if (immediate) {
            if (!receives.take()) {
                return Response.NOT_READY;
            }
            holdsReceive = true;
        }
        if (isFirst) {
            begin(packet.memory(), packet.extension());
        }
        int bytes = packet.payloadBytes();
        boolean isAsAnnounced = isLast ? bytes == remaining : bytes < remaining;
        if (!hasRightLength(opcode, bytes) || !isAsAnnounced || remaining > MAX_BYTES) {
            return refuse(Response.NAK_INVALID_REQUEST);
        }
        int response = store(packet, bytes);
        if (response != Response.ACK) {
            return refuse(response);
        }
        address += bytes;
        remaining -= bytes;
        done += bytes;
        kind = WRITE;
        if (isLast) {
            end();
            if (immediate) {
                facts.immediate = packet.memory().getInt(packet.payload() - IMMEDIATE_BYTES);
                facts.solicited = packet.isSolicited();
                side.complete(WorkCompletionOpcode.RECV_RDMA_WITH_IMM, WorkCompletionFlags.WITH_IMM, done, facts);
            }
        }
        return Response.ACK;
    }

    private void begin(ByteBuffer headers, int at) {
        address = headers.getLong(at);
        key = headers.getInt(at + RETH_KEY);
        remaining = headers.getInt(at + RETH_LENGTH) & 0xFFFFFFFFL;
        done = 0;
    }

    private int store(ReceivedPacket packet, int bytes) {
        if (bytes == 0) {
            return Response.ACK; // nothing moves: the key is not looked at
        }
        RegisteredMemory target = memory.find(key);
        // all that is to come, so that a write which does not fit writes nothing
        long offset = target == null
                ? -1
                : target.checkRemote(side.owner, domain, AccessFlags.REMOTE_WRITE, address, remaining);
        if (offset < 0) {
            return Response.NAK_REMOTE_ACCESS;
        }
        try {
            Copy.copy(packet.memory(), packet.payload(), target.memory, offset, bytes);
            return Response.ACK;
        } catch (NoMemoryThereException e) {
            return Response.NAK_REMOTE_ACCESS;
        } catch (RuntimeException | InternalError e) { // memory was taken away
            return Response.NAK_REMOTE_OPERATION;
        }
    }

    // ---- ends

    private boolean hasRightLength(int opcode, int bytes) {
        int mtu = 1 << connection.mtuShift();
        if (!Opcodes.isLast(opcode)) {
            return bytes == mtu;
        }
        return bytes <= mtu && (bytes > 0 || Opcodes.isFirst(opcode));
    }

    private void end() {
        kind = NONE;
        holdsReceive = false;
    }

    /** The receive cannot take what comes: it fails, and with it the queue pair. */
    private int failReceive(WorkCompletionStatus status, int response) {
        end();
        side.completeWithError(status, WorkCompletionOpcode.RECV);
        return response;
    }

    /** A packet may not be carried out, by itself or now. */
    int refuse(int response) {
        if (!side.reliable || response == Response.NAK_REMOTE_OPERATION) {
            abandon();
            return response == Response.NAK_REMOTE_OPERATION ? side.failedInMemory() : response;
        }
        if (!holdsReceive) {
            kind = NONE;
            return side.failed(response);
        }
        end();
        if (response == Response.NAK_REMOTE_ACCESS) {
            side.completeWithError(WorkCompletionStatus.LOC_ACCESS_ERR, WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
        } else {
            side.completeWithError(WorkCompletionStatus.REM_INV_REQ_ERR, WorkCompletionOpcode.RECV);
        }
        return response;
    }
}
