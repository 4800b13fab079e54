package org.rddma.softdev.engine;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.spi.Connection;
import org.rddma.verbs.spi.QueuePairStateRecord;

/** Carries out the requests of peers in this process, each of them whole. */
final class Responder extends ReceiveSide {
    private static final int PSN_MASK = 0xFFFFFF;

    private static final int SEND = WorkRequestOpcode.SEND.value();
    private static final int SEND_WITH_IMM = WorkRequestOpcode.SEND_WITH_IMM.value();
    private static final int SEND_WITH_INV = WorkRequestOpcode.SEND_WITH_INV.value();
    private static final int RDMA_WRITE = WorkRequestOpcode.RDMA_WRITE.value();
    private static final int RDMA_WRITE_WITH_IMM = WorkRequestOpcode.RDMA_WRITE_WITH_IMM.value();
    private static final int RDMA_READ = WorkRequestOpcode.RDMA_READ.value();
    private static final int FLUSH = WorkRequestOpcode.FLUSH.value();
    private static final int ATOMIC_WRITE = WorkRequestOpcode.ATOMIC_WRITE.value();

    private final QueuePairEngine owner;
    private final Connection connection;
    private final Receives receives;
    private final QueuePairType type;
    private final boolean reliable;
    private final MemoryTable memory;
    private final Object domain;
    private final Segments scatter;
    private final GlobalRoutingHeader header;

    private int expectedPsn;
    private boolean isEstablished;

    Responder(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {
        this.owner = owner;
        this.connection = connection;
        this.receives = receives;
        type = config.type();
        reliable = type == QueuePairType.RC || type == QueuePairType.XRC_RECV;
        memory = config.memory();
        domain = config.domain();
        scatter = new Segments(receives.maxElements());
        header = type == QueuePairType.UD ? new GlobalRoutingHeader() : null;
    }

    @Override
    void connect(int firstPsn) {
        isEstablished = false;
        expectedPsn = firstPsn;
    }

    @Override
    int receive(Request request) {
        QueuePairState state = owner.state();
        if (!listensTo(request, state)) {
            return Response.LOST;
        }
        if (type == QueuePairType.UD) {
            return receiveDatagram(request);
        }
        if (reliable && request.psn != expectedPsn) {
            // This link loses nothing, so these are no duplicates or gaps but first numbers that do not match. To
            // acknowledge "duplicates" unexecuted, as the protocol would, could lose messages in silence.
            return Response.LOST;
        }
        if (state == QueuePairState.RTR && !isEstablished) {
            isEstablished = true;
            owner.announce(AsyncEventType.COMM_EST);
        }
        int response;
        try {
            response = execute(request);
        } catch (RuntimeException | InternalError e) {
            response = fault(request, e);
        }
        if (response == Response.ACK) {
            expectedPsn = expectedPsn + request.packets & PSN_MASK;
        }
        return response;
    }

    @Override
    boolean listensTo(Request request) {
        return listensTo(request, owner.state());
    }

    private boolean listensTo(Request request, QueuePairState state) {
        if (!isReceiving(state) || request.transport != type) {
            return false;
        }
        Connection from = connection;
        return type == QueuePairType.UD
                || request.sourceQueuePair == from.destinationQueuePair()
                        && request.sourceGidLow == from.destinationGidLow()
                        && request.sourceGidHigh == from.destinationGidHigh();
    }

    /** Memory was taken away: an arena was closed, a file truncated under its mapping. Whose was it? */
    private int fault(Request request, Throwable failure) {
        boolean takesReceive =
                request.opcode == SEND || request.opcode == SEND_WITH_IMM || request.opcode == SEND_WITH_INV;
        boolean payloadIsGone = failure instanceof NoMemoryThereException gone
                ? gone.isSource() != (request.opcode == RDMA_READ)
                : !request.payload.isReadable();
        if (payloadIsGone) {
            if (takesReceive) {
                receives.giveBack();
            }
            return Response.PAYLOAD_FAULT;
        }
        if (takesReceive) {
            completeWithError(WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionOpcode.RECV);
        } else {
            owner.announce(AsyncEventType.QP_FATAL);
            owner.failReceiving(QueuePairStateRecord.PEER);
        }
        return Response.NAK_REMOTE_OPERATION;
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return scatter.refersTo(other);
    }

    @Override
    void forgetMemory() {
        scatter.forget();
    }

    private static boolean isReceiving(QueuePairState state) {
        return state == QueuePairState.RTS
                || state == QueuePairState.RTR
                || state == QueuePairState.SQD
                || state == QueuePairState.SQE;
    }

    private int execute(Request request) {
        int opcode = request.opcode;
        if (opcode == SEND) {
            return receiveMessage(request, 0);
        }
        if (opcode == RDMA_WRITE) {
            return write(request);
        }
        if (opcode == SEND_WITH_IMM) {
            return receiveMessage(request, WorkCompletionFlags.WITH_IMM);
        }
        if (opcode == RDMA_WRITE_WITH_IMM) {
            return writeWithImmediate(request);
        }
        if (opcode == RDMA_READ) {
            return read(request);
        }
        if (opcode == SEND_WITH_INV) {
            return receiveMessage(request, WorkCompletionFlags.WITH_INV);
        }
        if (opcode == FLUSH) {
            return flush(request);
        }
        return opcode == ATOMIC_WRITE ? atomicWrite(request) : atomic(request);
    }

    // ---- messages that consume a receive

    private int receiveMessage(Request request, int flags) {
        if (!receives.choose(request)) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        if (!receives.take()) {
            return notReady(request);
        }
        if (!receives.load(scatter, memory, domain, AccessFlags.LOCAL_WRITE)) {
            completeWithError(WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionOpcode.RECV);
            return Response.NAK_REMOTE_OPERATION;
        }
        long bytes = request.payload.total();
        if (bytes > scatter.total()) {
            completeWithError(WorkCompletionStatus.LOC_LEN_ERR, WorkCompletionOpcode.RECV);
            return Response.NAK_INVALID_REQUEST;
        }
        request.payload.copyTo(scatter, 0);
        if (flags == WorkCompletionFlags.WITH_INV && !memory.invalidate(request.remoteKey, owner)) {
            // the message has arrived, and the sender learns nothing of what is wrong here
            completeWithError(WorkCompletionStatus.REM_INV_REQ_ERR, WorkCompletionOpcode.RECV);
            return Response.ACK;
        }
        complete(WorkCompletionOpcode.RECV, flags, bytes, request);
        return Response.ACK;
    }

    private int receiveDatagram(Request request) {
        if (request.qkey != connection.qkey() || !receives.take()) {
            return Response.LOST;
        }
        try {
            if (!receives.load(scatter, memory, domain, AccessFlags.LOCAL_WRITE)) {
                completeWithError(WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionOpcode.RECV);
                return Response.LOST;
            }
            long bytes = request.payload.total() + GlobalRoutingHeader.BYTES;
            if (bytes > scatter.total()) {
                receives.giveBack();
                return Response.LOST; // no receive is consumed
            }
            header.set(request);
            header.segments().copyTo(scatter, 0);
            request.payload.copyTo(scatter, GlobalRoutingHeader.BYTES);
            boolean immediate = request.opcode == WorkRequestOpcode.SEND_WITH_IMM.value();
            int flags = WorkCompletionFlags.GRH | (immediate ? WorkCompletionFlags.WITH_IMM : 0);
            complete(WorkCompletionOpcode.RECV, flags, bytes, request);
            return Response.ACK;
        } catch (RuntimeException | InternalError e) {
            int response = fault(request, e);
            return response == Response.PAYLOAD_FAULT ? response : Response.LOST;
        }
    }

    private int notReady(Request request) {
        request.rnrTimer = connection.minRnrTimer();
        return Response.NOT_READY;
    }

    // ---- operations on memory

    private int write(Request request) {
        if ((connection.accessFlags() & AccessFlags.REMOTE_WRITE) == 0) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        return store(request) ? Response.ACK : failed(Response.NAK_REMOTE_ACCESS);
    }

    private int writeWithImmediate(Request request) {
        if ((connection.accessFlags() & AccessFlags.REMOTE_WRITE) == 0) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        if (!receives.choose(request)) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        if (!receives.take()) {
            return notReady(request);
        }
        boolean stored;
        try {
            stored = store(request);
        } catch (RuntimeException | InternalError e) { // memory was taken away
            receives.giveBack();
            throw e;
        }
        if (!stored) {
            if (reliable) {
                completeWithError(WorkCompletionStatus.LOC_ACCESS_ERR, WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
            } else {
                receives.giveBack();
            }
            return Response.NAK_REMOTE_ACCESS;
        }
        complete(
                WorkCompletionOpcode.RECV_RDMA_WITH_IMM,
                WorkCompletionFlags.WITH_IMM,
                request.payload.total(),
                request);
        return Response.ACK;
    }

    /** Puts the payload where it belongs; false when it may not go there. */
    private boolean store(Request request) {
        long bytes = request.payload.total();
        if (bytes == 0) {
            return true; // nothing moves: the key is not looked at
        }
        RegisteredMemory target = memory.find(request.remoteKey);
        long offset = target == null
                ? -1
                : target.checkRemote(owner, domain, AccessFlags.REMOTE_WRITE, request.remoteAddress, bytes);
        if (offset < 0) {
            return false;
        }
        try {
            request.payload.drain(target.memory, offset);
            return true;
        } catch (NoMemoryThereException e) {
            if (e.isSource()) {
                throw e;
            }
            return false;
        }
    }

    private int read(Request request) {
        if ((connection.accessFlags() & AccessFlags.REMOTE_READ) == 0 || connection.maxDestReadAtomic() == 0) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        long bytes = request.payload.total();
        if (bytes > 0) {
            RegisteredMemory source = memory.find(request.remoteKey);
            long offset = source == null
                    ? -1
                    : source.checkRemote(owner, domain, AccessFlags.REMOTE_READ, request.remoteAddress, bytes);
            if (offset < 0) {
                return failed(Response.NAK_REMOTE_ACCESS);
            }
            try {
                request.payload.fill(source.memory, offset);
            } catch (NoMemoryThereException e) {
                if (!e.isSource()) {
                    throw e;
                }
                return failed(Response.NAK_REMOTE_ACCESS);
            }
        }
        return Response.ACK;
    }

    private int atomic(Request request) {
        if ((connection.accessFlags() & AccessFlags.REMOTE_ATOMIC) == 0
                || connection.maxDestReadAtomic() == 0
                || (request.remoteAddress & 7) != 0) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        RegisteredMemory target = memory.find(request.remoteKey);
        int offset = target == null
                ? -1
                : (int) target.checkRemote(owner, domain, AccessFlags.REMOTE_ATOMIC, request.remoteAddress, Long.BYTES);
        if (offset < 0) {
            return failed(Response.NAK_REMOTE_ACCESS);
        }
        ByteBuffer word = target.memory;
        if (!isAligned(word, offset)) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        request.atomicResult = request.opcode == WorkRequestOpcode.ATOMIC_CMP_AND_SWP.value()
                ? Words.caxLong(word, offset, request.compareAdd, request.swap)
                : Words.addLong(word, offset, request.compareAdd);
        return Response.ACK;
    }

    /** Addresses that the caller chose may be multiples of 8 where the memory is not. */
    private static boolean isAligned(ByteBuffer memory, int offset) {
        return memory.alignmentOffset(offset, Long.BYTES) == 0;
    }

    private int atomicWrite(Request request) {
        if ((connection.accessFlags() & AccessFlags.REMOTE_WRITE) == 0
                || (request.remoteAddress & 7) != 0
                || request.payload.total() != Long.BYTES) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        RegisteredMemory target = memory.find(request.remoteKey);
        long at = target == null
                ? -1
                : target.checkRemote(owner, domain, AccessFlags.REMOTE_WRITE, request.remoteAddress, Long.BYTES);
        if (at < 0) {
            return failed(Response.NAK_REMOTE_ACCESS);
        }
        int offset = (int) at;
        if (target.isWholeProcess() || !isAligned(target.memory, offset)) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        Words.soLong(target.memory, offset, request.payload.getLong());
        return Response.ACK;
    }

    private int flush(Request request) {
        int placement = (int) request.swap & 0xFF;
        boolean persistent = (placement & FlushPlacement.PERSISTENT) != 0;
        int rights = ((placement & FlushPlacement.GLOBAL) != 0 ? AccessFlags.FLUSH_GLOBAL : 0)
                | (persistent ? AccessFlags.FLUSH_PERSISTENT : 0);
        if ((connection.accessFlags() & rights) != rights) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        RegisteredMemory target = memory.find(request.remoteKey);
        if (target == null) {
            return failed(Response.NAK_REMOTE_ACCESS);
        }
        boolean whole = (request.swap >>> Byte.SIZE) == FlushLevel.REGION.value();
        long first = whole ? target.address() : request.remoteAddress;
        long bytes = whole ? target.length() : request.compareAdd;
        long offset = target.checkRemote(owner, domain, rights, first, bytes);
        if (offset < 0) {
            return failed(Response.NAK_REMOTE_ACCESS);
        }
        VarHandle.fullFence();
        if (persistent && target.memory instanceof MappedByteBuffer mapped) {
            MappedByteBuffer unused = mapped.force((int) offset, (int) bytes);
        }
        return Response.ACK;
    }

    // ---- completions

    private void complete(WorkCompletionOpcode opcode, int flags, long bytes, Request request) {
        if (!receives.complete(WorkCompletionStatus.SUCCESS, opcode, flags, bytes, request, request.solicited)) {
            owner.failReceiving(QueuePairStateRecord.OVERRUN);
        }
    }

    /** The receive that a message took ends with an error, and with it the queue pair. */
    private void completeWithError(WorkCompletionStatus status, WorkCompletionOpcode opcode) {
        boolean unused = receives.complete(status, opcode, 0, 0, null, true);
        owner.failReceiving(status.name());
    }

    /** A request that may not be carried out: a reliable queue pair fails, an unreliable one drops it. */
    private int failed(int response) {
        if (reliable) { // no receive tells of it
            owner.announce(
                    response == Response.NAK_REMOTE_ACCESS ? AsyncEventType.QP_ACCESS_ERR : AsyncEventType.QP_REQ_ERR);
            owner.failReceiving(QueuePairStateRecord.PEER);
        }
        return response;
    }
}
