package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.CacheLinePadded;
import org.rddma.verbs.internal.ring.Words;

/** Carries out what peers ask for. Its caller holds the queue pair's responder lock. */
final class Responder extends CacheLinePadded {
    private static final int PSN_MASK = 0xFFFFFF;

    private final QueuePairEngine owner;
    private final Connection connection;
    private final ReceiveQueue receives;
    private final QueuePairType type;
    private final boolean reliable;
    private final MemoryTable memory;
    private final Object domain;
    private final Segments scatter;
    private final GlobalRoutingHeader header;

    private int expectedPsn;

    Responder(QueuePairEngine owner, EngineConfig config, Connection connection, ReceiveQueue receives) {
        this.owner = owner;
        this.connection = connection;
        this.receives = receives;
        type = config.type();
        reliable = type == QueuePairType.RC;
        memory = config.memory();
        domain = config.domain();
        scatter = new Segments(config.sizes().maxReceiveElements());
        header = type == QueuePairType.UD ? new GlobalRoutingHeader() : null;
    }

    void connect(int firstPsn) {
        expectedPsn = firstPsn;
    }

    /** Carries a request out, or drops it. */
    int receive(Request request) {
        if (!isReceiving(owner.state()) || request.transport != type) {
            return Response.LOST;
        }
        if (type == QueuePairType.UD) {
            return receiveDatagram(request);
        }
        Connection from = connection;
        if (request.sourceQueuePair != from.destinationQueuePair
                || request.sourceGidLow != from.destinationGidLow
                || request.sourceGidHigh != from.destinationGidHigh) {
            return Response.LOST;
        }
        if (reliable && request.psn != expectedPsn) {
            // This link loses nothing, so these are no duplicates or gaps but first numbers that do not match. To
            // acknowledge "duplicates" unexecuted, as the protocol would, could lose messages in silence.
            return Response.LOST;
        }
        int response;
        try {
            response = execute(request);
        } catch (RuntimeException | InternalError e) {
            response = fault(request);
        }
        if (response == Response.ACK) {
            expectedPsn = expectedPsn + request.packets & PSN_MASK;
        }
        return response;
    }

    /** Memory was taken away: an arena was closed, a file truncated under its mapping. Whose was it? */
    private int fault(Request request) {
        if (!request.payload.isReadable()) {
            return Response.PAYLOAD_FAULT;
        }
        boolean takesReceive = request.opcode == WorkRequestOpcode.SEND.value()
                || request.opcode == WorkRequestOpcode.SEND_WITH_IMM.value();
        if (takesReceive) {
            completeWithError(WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionOpcode.RECV);
        } else {
            owner.failReceiving();
        }
        return Response.NAK_REMOTE_OPERATION;
    }

    boolean refersTo(ByteBuffer other) {
        return scatter.refersTo(other);
    }

    /** Lets go of the memory that was used last. */
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
        if (opcode == WorkRequestOpcode.SEND.value()) {
            return receiveMessage(request, 0);
        }
        if (opcode == WorkRequestOpcode.RDMA_WRITE.value()) {
            return write(request, false);
        }
        if (opcode == WorkRequestOpcode.SEND_WITH_IMM.value()) {
            return receiveMessage(request, WorkCompletionFlags.WITH_IMM);
        }
        if (opcode == WorkRequestOpcode.RDMA_WRITE_WITH_IMM.value()) {
            return write(request, true);
        }
        return opcode == WorkRequestOpcode.RDMA_READ.value() ? read(request) : atomic(request);
    }

    // ---- messages that consume a receive

    private int receiveMessage(Request request, int flags) {
        if (receives.isEmpty()) {
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
        complete(WorkCompletionOpcode.RECV, flags, bytes, request);
        return Response.ACK;
    }

    private int receiveDatagram(Request request) {
        if (request.qkey != connection.qkey || receives.isEmpty()) {
            return Response.LOST;
        }
        try {
            if (!receives.load(scatter, memory, domain, AccessFlags.LOCAL_WRITE)) {
                completeWithError(WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionOpcode.RECV);
                return Response.LOST;
            }
            long bytes = request.payload.total() + GlobalRoutingHeader.BYTES;
            if (bytes > scatter.total()) {
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
            int response = fault(request);
            return response == Response.PAYLOAD_FAULT ? response : Response.LOST;
        }
    }

    private int notReady(Request request) {
        request.rnrTimer = connection.minRnrTimer;
        return Response.NOT_READY;
    }

    // ---- operations on memory

    private int write(Request request, boolean immediate) {
        if ((connection.accessFlags & AccessFlags.REMOTE_WRITE) == 0) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        if (immediate && receives.isEmpty()) {
            return notReady(request);
        }
        long bytes = request.payload.total();
        if (bytes > 0) {
            RegisteredMemory target = memory.find(request.remoteKey);
            int offset =
                    target == null ? -1 : target.check(domain, AccessFlags.REMOTE_WRITE, request.remoteAddress, bytes);
            if (offset < 0) {
                if (immediate && reliable) {
                    completeWithError(WorkCompletionStatus.LOC_ACCESS_ERR, WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
                }
                return failed(Response.NAK_REMOTE_ACCESS);
            }
            request.payload.drain(target.memory, offset);
        }
        if (immediate) {
            complete(WorkCompletionOpcode.RECV_RDMA_WITH_IMM, WorkCompletionFlags.WITH_IMM, bytes, request);
        }
        return Response.ACK;
    }

    private int read(Request request) {
        if ((connection.accessFlags & AccessFlags.REMOTE_READ) == 0 || connection.maxDestReadAtomic == 0) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        long bytes = request.payload.total();
        if (bytes > 0) {
            RegisteredMemory source = memory.find(request.remoteKey);
            int offset =
                    source == null ? -1 : source.check(domain, AccessFlags.REMOTE_READ, request.remoteAddress, bytes);
            if (offset < 0) {
                return failed(Response.NAK_REMOTE_ACCESS);
            }
            request.payload.fill(source.memory, offset);
        }
        return Response.ACK;
    }

    private int atomic(Request request) {
        if ((connection.accessFlags & AccessFlags.REMOTE_ATOMIC) == 0
                || connection.maxDestReadAtomic == 0
                || (request.remoteAddress & 7) != 0) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        RegisteredMemory target = memory.find(request.remoteKey);
        int offset = target == null
                ? -1
                : target.check(domain, AccessFlags.REMOTE_ATOMIC, request.remoteAddress, Long.BYTES);
        if (offset < 0) {
            return failed(Response.NAK_REMOTE_ACCESS);
        }
        ByteBuffer word = target.memory;
        request.atomicResult = request.opcode == WorkRequestOpcode.ATOMIC_CMP_AND_SWP.value()
                ? Words.caxLong(word, offset, request.compareAdd, request.swap)
                : Words.addLong(word, offset, request.compareAdd);
        return Response.ACK;
    }

    // ---- completions

    private void complete(WorkCompletionOpcode opcode, int flags, long bytes, Request request) {
        if (!receives.complete(WorkCompletionStatus.SUCCESS, opcode, flags, bytes, request, request.solicited)) {
            owner.failReceiving();
        }
    }

    /** The receive that a message took ends with an error, and with it the queue pair. */
    private void completeWithError(WorkCompletionStatus status, WorkCompletionOpcode opcode) {
        boolean unused = receives.complete(status, opcode, 0, 0, null, true);
        owner.failReceiving();
    }

    /** A request that may not be carried out: a reliable queue pair fails, an unreliable one drops it. */
    private int failed(int response) {
        if (reliable) {
            owner.failReceiving();
        }
        return response;
    }
}
