package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.Link;
import org.rddma.softdev.link.roce.CaptureBatch;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCapture;
import org.rddma.softdev.link.roce.Path;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkRequestOpcode;

/**
 * A link whose requests and responses are also written down, as the packets that they would be on a wire: each message
 * cut at the path's MTU, one acknowledgement behind it, and the sequence numbers of the queue pair. Datagrams are
 * numbered here, because nobody needs their numbers.
 */
public final class CapturedLink implements Link {
    /** Transport service: extended reliable connection, whose requests say first which shared receive queue they want. */
    private static final int XRC = 0xA0;

    private static final int XRC_BYTES = 4;
    private static final int WRITE = WorkRequestOpcode.RDMA_WRITE.value();
    private static final int WRITE_WITH_IMM = WorkRequestOpcode.RDMA_WRITE_WITH_IMM.value();
    private static final int SEND_WITH_IMM = WorkRequestOpcode.SEND_WITH_IMM.value();
    private static final int SEND_WITH_INV = WorkRequestOpcode.SEND_WITH_INV.value();
    private static final int READ = WorkRequestOpcode.RDMA_READ.value();
    private static final int COMPARE_SWAP = WorkRequestOpcode.ATOMIC_CMP_AND_SWP.value();
    private static final int FETCH_ADD = WorkRequestOpcode.ATOMIC_FETCH_AND_ADD.value();
    private static final int FLUSH = WorkRequestOpcode.FLUSH.value();
    private static final int ATOMIC_WRITE = WorkRequestOpcode.ATOMIC_WRITE.value();

    private final Link link;
    private final Gid own;
    private final CaptureBatch requests;
    private final CaptureBatch answers;
    private Path there;
    private Path back;
    private int datagrams;
    private int messages;

    /**
     * A link of one queue pair.
     *
     * @param link that delivers
     * @param capture where packets are written down
     * @param own GID of the port
     */
    public CapturedLink(Link link, PacketCapture capture, Gid own) {
        this.link = link;
        this.own = own;
        requests = new CaptureBatch(capture, true, own);
        answers = new CaptureBatch(capture, false, own);
    }

    @Override
    public int deliver(Request request) {
        takePath(request);
        try {
            writeRequest(request);
        } catch (RuntimeException | InternalError e) {
            // the payload's memory was taken away: delivering it comes to the same end, and says so
        }
        int response = link.deliver(request);
        if (request.isReliable()) {
            try {
                writeResponse(request, response);
            } catch (RuntimeException | InternalError e) {
                // the memory that a read went to was taken away meanwhile
            }
        }
        return response;
    }

    @Override
    public void forget() {
        datagrams = 0;
        messages = 0;
        link.forget();
    }

    private void takePath(Request request) {
        boolean datagram = request.transport == QueuePairType.UD;
        int flow = datagram ? request.flowLabel : 0;
        int port = Path.sourcePort(flow, request.sourceQueuePair, request.destinationQueuePair);
        int trafficClass = datagram ? request.trafficClass : 0;
        int hopLimit = datagram ? request.hopLimit : 0;
        if (there == null
                || there.destinationGidLow() != request.destinationGidLow
                || there.destinationGidHigh() != request.destinationGidHigh
                || there.sourcePort() != port
                || there.trafficClass() != trafficClass
                || there.hopLimit() != hopLimit) {
            there = new Path(request.destinationGidHigh, request.destinationGidLow, trafficClass, hopLimit, port);
            back = new Path(own.high(), own.low(), trafficClass, hopLimit, port);
            answers.source(new Gid(request.destinationGidHigh, request.destinationGidLow));
        }
    }

    // ---- requests

    private void writeRequest(Request request) {
        if (request.transport == QueuePairType.UD) {
            writeDatagram(request);
        } else if (request.opcode == READ
                || request.opcode == COMPARE_SWAP
                || request.opcode == FETCH_ADD
                || request.opcode == FLUSH
                || request.opcode == ATOMIC_WRITE) {
            writeOperation(request);
        } else {
            writeMessage(request);
        }
    }

    private void writeDatagram(Request request) {
        boolean immediate = request.opcode == SEND_WITH_IMM;
        int operation = immediate ? Opcodes.SEND_ONLY_IMMEDIATE : Opcodes.SEND_ONLY;
        int psn = datagrams++ & MASK_24;
        int start = requests.begin(Opcodes.UD | operation, request.solicited, request.destinationQueuePair, psn, false);
        ByteBuffer memory = requests.memory();
        int at = start + BTH_BYTES;
        memory.putInt(at, request.qkey).putInt(at + 4, request.sourceQueuePair);
        at += DETH_BYTES;
        if (immediate) {
            memory.putInt(at, request.immediate);
            at += IMMEDIATE_BYTES;
        }
        endWithPayload(requests, request, 0, (int) request.payload.total(), at, there);
    }

    /** What is one packet, whatever it asks for. */
    private void writeOperation(Request request) {
        int operation = operation(request.opcode);
        int at = begin(request, operation, request.psn, true);
        ByteBuffer memory = requests.memory();
        if (request.opcode == FLUSH) {
            int level = (int) (request.swap >>> Byte.SIZE) & 3;
            memory.putInt(at, level << 4 | (int) request.swap & 0xF);
            at = putRemote(at + FETH_BYTES, request, (int) request.compareAdd);
        } else if (request.opcode == READ || request.opcode == ATOMIC_WRITE) {
            at = putRemote(at, request, (int) request.payload.total());
        } else {
            boolean swaps = request.opcode == COMPARE_SWAP;
            memory.putLong(at, request.remoteAddress).putInt(at + 8, request.remoteKey);
            memory.putLong(at + 12, swaps ? request.swap : request.compareAdd);
            memory.putLong(at + 20, swaps ? request.compareAdd : 0);
            at += ATOMIC_BYTES;
        }
        if (request.opcode == ATOMIC_WRITE) {
            endWithPayload(requests, request, 0, Long.BYTES, at, there);
        } else {
            requests.end(at, there);
        }
    }

    private static int operation(int opcode) {
        if (opcode == READ) {
            return Opcodes.READ_REQUEST;
        }
        if (opcode == COMPARE_SWAP) {
            return Opcodes.COMPARE_SWAP;
        }
        if (opcode == FETCH_ADD) {
            return Opcodes.FETCH_ADD;
        }
        return opcode == FLUSH ? Opcodes.FLUSH : Opcodes.ATOMIC_WRITE;
    }

    private void writeMessage(Request request) {
        boolean writes = request.opcode == WRITE || request.opcode == WRITE_WITH_IMM;
        boolean tells = request.opcode == WRITE_WITH_IMM || request.opcode == SEND_WITH_IMM;
        boolean invalidates = request.opcode == SEND_WITH_INV;
        long total = request.payload.total();
        int mtu = 1 << request.mtuShift;
        for (int i = 0; i < request.packets; i++) {
            long done = (long) i << request.mtuShift;
            boolean isFirst = i == 0;
            boolean isLast = i == request.packets - 1;
            int operation = operation(writes, isFirst, isLast, tells, invalidates);
            int at = begin(request, operation, request.psn + i, isLast);
            if (writes && isFirst) {
                at = putRemote(at, request, (int) total);
            }
            if (isLast && (tells || invalidates)) {
                ByteBuffer unused = requests.memory().putInt(at, request.immediate);
                at += IMMEDIATE_BYTES;
            }
            endWithPayload(requests, request, done, (int) Math.min(mtu, total - done), at, there);
        }
    }

    private static int operation(boolean writes, boolean isFirst, boolean isLast, boolean tells, boolean invalidates) {
        if (!isLast) {
            return (writes ? Opcodes.WRITE_FIRST : Opcodes.SEND_FIRST) + (isFirst ? 0 : 1);
        }
        if (invalidates) {
            return isFirst ? Opcodes.SEND_ONLY_INVALIDATE : Opcodes.SEND_LAST_INVALIDATE;
        }
        int last = writes ? Opcodes.WRITE_LAST : Opcodes.SEND_LAST;
        return last + (isFirst ? 2 : 0) + (tells ? 1 : 0);
    }

    /** Returns where the other headers go. */
    private int begin(Request request, int operation, int psn, boolean isLast) {
        boolean extended = request.transport == QueuePairType.XRC_RECV;
        int service = extended ? XRC : request.transport == QueuePairType.UC ? Opcodes.UC : Opcodes.RC;
        int start = requests.begin(
                service | operation,
                request.solicited && isLast && request.takesReceive(),
                request.destinationQueuePair,
                psn,
                isLast && request.isReliable());
        int at = start + BTH_BYTES;
        if (extended) {
            ByteBuffer unused = requests.memory().putInt(at, request.sharedReceiveQueue);
            at += XRC_BYTES;
        }
        return at;
    }

    private int putRemote(int at, Request request, int bytes) {
        ByteBuffer unused = requests.memory()
                .putLong(at, request.remoteAddress)
                .putInt(at + 8, request.remoteKey)
                .putInt(at + 12, bytes);
        return at + RETH_BYTES;
    }

    private static void endWithPayload(TransmitBatch batch, Request request, long done, int bytes, int at, Path path) {
        request.payload.gather(done, batch.memory(), at, bytes);
        batch.end(at + bytes, path);
    }

    // ---- responses

    private void writeResponse(Request request, int response) {
        switch (response) {
            case Response.ACK -> {
                messages = messages + 1 & MASK_24;
                writeAcknowledgement(request);
            }
            case Response.NOT_READY ->
                writeAnswer(request, Opcodes.ACKNOWLEDGE, request.psn, SYNDROME_RNR | request.rnrTimer);
            case Response.NAK_INVALID_REQUEST ->
                writeAnswer(request, Opcodes.ACKNOWLEDGE, request.psn, NAK_INVALID_REQUEST);
            case Response.NAK_REMOTE_ACCESS ->
                writeAnswer(request, Opcodes.ACKNOWLEDGE, request.psn, NAK_REMOTE_ACCESS);
            case Response.NAK_REMOTE_OPERATION ->
                writeAnswer(request, Opcodes.ACKNOWLEDGE, request.psn, NAK_REMOTE_OPERATION);
            default -> {}
        }
    }

    private void writeAcknowledgement(Request request) {
        if (request.opcode == READ) {
            writeReadResponse(request);
        } else if (request.opcode == COMPARE_SWAP || request.opcode == FETCH_ADD) {
            int at = beginAnswer(request, Opcodes.ATOMIC_ACKNOWLEDGE, request.psn, UNLIMITED_CREDITS);
            ByteBuffer unused = answers.memory().putLong(at, request.atomicResult);
            answers.end(at + ATOMIC_ACK_BYTES, back);
        } else {
            boolean stores = request.opcode == FLUSH || request.opcode == ATOMIC_WRITE;
            int operation = stores ? Opcodes.READ_RESPONSE_ONLY : Opcodes.ACKNOWLEDGE;
            writeAnswer(request, operation, request.psn + request.packets - 1, UNLIMITED_CREDITS);
        }
    }

    private void writeReadResponse(Request request) {
        long total = request.payload.total();
        int mtu = 1 << request.mtuShift;
        for (int i = 0; i < request.packets; i++) {
            boolean isFirst = i == 0;
            boolean isLast = i == request.packets - 1;
            long done = (long) i << request.mtuShift;
            int operation = isLast
                    ? isFirst ? Opcodes.READ_RESPONSE_ONLY : Opcodes.READ_RESPONSE_LAST
                    : isFirst ? Opcodes.READ_RESPONSE_FIRST : Opcodes.READ_RESPONSE_MIDDLE;
            int at = beginAnswer(request, operation, request.psn + i, UNLIMITED_CREDITS);
            endWithPayload(answers, request, done, (int) Math.min(mtu, total - done), at, back);
        }
    }

    private void writeAnswer(Request request, int operation, int psn, int syndrome) {
        answers.end(beginAnswer(request, operation, psn, syndrome), back);
    }

    /** Returns where what follows the header of the answer goes. */
    private int beginAnswer(Request request, int operation, int psn, int syndrome) {
        int service = request.transport == QueuePairType.XRC_RECV ? XRC : Opcodes.RC;
        int at = answers.begin(service | operation, false, request.sourceQueuePair, psn, false) + BTH_BYTES;
        if (operation == Opcodes.READ_RESPONSE_MIDDLE) {
            return at;
        }
        ByteBuffer unused = answers.memory().putInt(at, syndrome << 24 | messages);
        return at + AETH_BYTES;
    }
}
