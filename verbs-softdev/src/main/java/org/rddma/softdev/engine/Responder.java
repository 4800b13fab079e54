package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.spi.Connection;

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
    private static final int ATOMIC_CMP_AND_SWP = WorkRequestOpcode.ATOMIC_CMP_AND_SWP.value();
    private static final int ATOMIC_WRITE = WorkRequestOpcode.ATOMIC_WRITE.value();

    private final Connection connection;
    private final MemoryTable memory;
    private final Object domain;
    private final Segments scatter;
    private final GlobalRoutingHeader header;
    private final RemoteOperations operations;

    private int expectedPsn;
    private boolean isEstablished;

    Responder(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {
        super(owner, config, receives);
        this.connection = connection;
        memory = config.memory();
        domain = config.domain();
        scatter = new Segments(receives.maxElements());
        header = type == QueuePairType.UD ? new GlobalRoutingHeader() : null;
        operations = new RemoteOperations(owner, config, connection);
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
            return Response.NAK_REMOTE_OPERATION;
        }
        return failedInMemory();
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return scatter.refersTo(other);
    }

    @Override
    void forgetMemory() {
        scatter.forget();
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
        int response = request.opcode == ATOMIC_CMP_AND_SWP
                ? operations.compareAndSwap(request.remoteKey, request.remoteAddress, request.compareAdd, request.swap)
                : operations.fetchAndAdd(request.remoteKey, request.remoteAddress, request.compareAdd);
        if (response != Response.ACK) {
            return failed(response);
        }
        request.atomicResult = operations.found();
        return response;
    }

    private int atomicWrite(Request request) {
        if (request.payload.total() != Long.BYTES) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        return orFailed(operations.atomicWrite(request.remoteKey, request.remoteAddress, request.payload.getLong()));
    }

    private int flush(Request request) {
        int placement = (int) request.swap & 0xFF;
        int level = (int) (request.swap >>> Byte.SIZE);
        return orFailed(
                operations.flush(request.remoteKey, request.remoteAddress, request.compareAdd, placement, level));
    }

    private int orFailed(int response) {
        return response == Response.ACK ? response : failed(response);
    }
}
