package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import java.util.concurrent.Future;
import org.rddma.softdev.link.Link;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.Connection;
import org.rddma.verbs.spi.QueuePairStateRecord;
import org.rddma.verbs.spi.RetryTimes;
import org.rddma.verbs.spi.WorkRequestRules;

/** Executes the entries of a send queue in order, each before the next is begun: the link answers at once. */
final class Requester extends SendSide {
    /*
     * One entry is under way at a time: its request goes down the link, the response decides.
     *
     *   carried out        complete it if it is signalled, go on
     *   not ready          wait as long as the peer says, then send again, rnrRetry times
     *   lost               wait as long as the timeout says, then send again, retryCount times
     *   anything else      complete it with the error; the queue pair fails; flush what is behind
     *
     * Waiting is a point in time before which run() does nothing, and a timer that calls run() again then.
     */
    private static final long NOT_WAITING = 0;
    private static final long WAITING_FOR_EVER = Long.MAX_VALUE;
    private static final int ENDLESS_RNR_RETRIES = 7;
    private static final int PSN_MASK = 0xFFFFFF;

    private static final WorkCompletionOpcode[] COMPLETION_OPCODES = completionOpcodes();

    private static final int LOCAL_INV = WorkRequestOpcode.LOCAL_INV.value();
    private static final int SEND_WITH_INV = WorkRequestOpcode.SEND_WITH_INV.value();
    private static final int FLUSH = WorkRequestOpcode.FLUSH.value();
    private static final int ATOMIC_WRITE = WorkRequestOpcode.ATOMIC_WRITE.value();

    private final QueuePairEngine owner;
    private final EngineConfig config;
    private final Connection connection;
    private final SendQueue sends;
    private final WorkRing ring;
    private final Completer completions;
    private final Link link;
    private final Request request;
    private final boolean datagrams;
    private final boolean reliable;
    private final boolean signalAll;
    private final MemoryTable memory;
    private final Object domain;
    private final int number;
    private final Runnable onTimer;

    private int psn;
    private int retriesLeft;
    private int rnrRetriesLeft;
    private boolean hasRetried;
    private Future<?> timer;
    private long waitUntil = NOT_WAITING;

    // Counted where something went wrong, never where all goes well; read by those who only look.
    private volatile long timeoutRetries;
    private volatile long notReadyRetries;
    private volatile long dropped;

    Requester(QueuePairEngine owner, EngineConfig config, Connection connection, SendQueue sends) {
        this.owner = owner;
        this.config = config;
        this.connection = connection;
        this.sends = sends;
        ring = sends.ring();
        completions = config.sends();
        link = config.link();
        memory = config.memory();
        domain = config.domain();
        number = config.number();
        signalAll = config.signalAll();
        datagrams = config.type() == QueuePairType.UD;
        reliable = config.type() == QueuePairType.RC || config.type() == QueuePairType.XRC_SEND;
        request = new Request(config.sizes().maxSendElements());
        request.transport = config.type() == QueuePairType.XRC_SEND ? QueuePairType.XRC_RECV : config.type();
        request.sourceQueuePair = number;
        request.sourceGidHigh = config.gid().high();
        request.sourceGidLow = config.gid().low();
        onTimer = owner::ringDoorbell;
    }

    private static WorkCompletionOpcode[] completionOpcodes() {
        WorkCompletionOpcode[] table = new WorkCompletionOpcode[16];
        table[WorkRequestOpcode.SEND.value()] = WorkCompletionOpcode.SEND;
        table[WorkRequestOpcode.SEND_WITH_IMM.value()] = WorkCompletionOpcode.SEND;
        table[WorkRequestOpcode.RDMA_WRITE.value()] = WorkCompletionOpcode.RDMA_WRITE;
        table[WorkRequestOpcode.RDMA_WRITE_WITH_IMM.value()] = WorkCompletionOpcode.RDMA_WRITE;
        table[WorkRequestOpcode.RDMA_READ.value()] = WorkCompletionOpcode.RDMA_READ;
        table[WorkRequestOpcode.ATOMIC_CMP_AND_SWP.value()] = WorkCompletionOpcode.COMP_SWAP;
        table[WorkRequestOpcode.ATOMIC_FETCH_AND_ADD.value()] = WorkCompletionOpcode.FETCH_ADD;
        table[WorkRequestOpcode.SEND_WITH_INV.value()] = WorkCompletionOpcode.SEND;
        table[WorkRequestOpcode.LOCAL_INV.value()] = WorkCompletionOpcode.LOCAL_INV;
        table[WorkRequestOpcode.BIND_MW.value()] = WorkCompletionOpcode.BIND_MW;
        table[WorkRequestOpcode.FLUSH.value()] = WorkCompletionOpcode.FLUSH;
        table[WorkRequestOpcode.ATOMIC_WRITE.value()] = WorkCompletionOpcode.ATOMIC_WRITE;
        return table;
    }

    /** What a completion calls the operation of a request. */
    static WorkCompletionOpcode completionOpcode(int opcode) {
        return COMPLETION_OPCODES[opcode];
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // there is one request object for each requester
    boolean isSending(Request other) {
        return other == request;
    }

    @Override
    void connect(int firstPsn) {
        psn = firstPsn;
    }

    @Override
    void reconfigure(QueuePairAttributes changes) {
        if (changes.has(QueuePairAttributes.RETRY_COUNT) || changes.has(QueuePairAttributes.RNR_RETRY)) {
            resetRetries();
        }
        if (!datagrams) {
            request.destinationQueuePair = connection.destinationQueuePair();
            request.destinationGidHigh = connection.destinationGidHigh();
            request.destinationGidLow = connection.destinationGidLow();
            request.mtuShift = connection.mtuShift();
        }
    }

    @Override
    void clear() {
        waitUntil = NOT_WAITING;
        cancelTimer();
        link.forget();
        ring.clear();
    }

    @Override
    boolean run(long limit) {
        while (true) {
            long position = ring.lpExecuted();
            if (position == ring.laPosted()) {
                return true;
            }
            if (position >= limit || owner.isWanted()) {
                return false;
            }
            QueuePairState state = owner.state();
            if (state == QueuePairState.RTS || state == QueuePairState.SQD && waitUntil != NOT_WAITING) {
                if (waitUntil != NOT_WAITING && !isDue() || !execute(position)) {
                    return true;
                }
            } else if (state == QueuePairState.ERR || state == QueuePairState.SQE) {
                waitUntil = NOT_WAITING;
                finish(position, WorkCompletionStatus.WR_FLUSH_ERR);
            } else {
                return true;
            }
        }
    }

    @Override
    boolean hasNext() {
        if (ring.lpExecuted() == ring.laPosted()) {
            return false;
        }
        boolean waits = waitUntil != NOT_WAITING;
        return switch (owner.state()) {
            case RTS -> !waits || isDue();
            case SQD -> waits && isDue();
            case ERR, SQE -> true;
            default -> false;
        };
    }

    @Override
    String describeNext() {
        int entry = ring.entry(ring.lpExecuted());
        int opcode = opcode(Words.lpInt(ring.memory(), entry + KIND));
        return "wr " + Words.lpLong(ring.memory(), entry + WR_ID) + " "
                + WorkRequestOpcode.of(opcode).text() + " "
                + Integer.toUnsignedString(Words.lpInt(ring.memory(), entry + DATA_BYTES)) + " bytes";
    }

    private boolean isDue() {
        return waitUntil != WAITING_FOR_EVER && config.timer().nanoTime() - waitUntil >= 0;
    }

    /** Executes one entry; false when it must be tried again later. */
    private boolean execute(long position) {
        int entry = ring.entry(position);
        ByteBuffer entries = ring.memory();
        int kind = Words.lpInt(entries, entry + KIND);
        int opcode = opcode(kind);
        if (LocalOperation.isOne(opcode)) {
            executeLocal(position, entries, entry, kind);
            return true;
        }
        WorkCompletionStatus local = prepare(entries, entry, kind, opcode);
        if (local != WorkCompletionStatus.SUCCESS) {
            fail(position, local);
            return true;
        }
        request.mayBeRefused = rnrRetriesLeft > 0;
        request.mayBeLost = retriesLeft > 0 && connection.timeout() != 0;
        int response = deliver(opcode);
        if (response != Response.ACK) {
            return refused(position, response);
        }
        succeed(
                position,
                flags(kind),
                opcode,
                Words.lpInt(entries, entry + DATA_BYTES),
                Words.lpLong(entries, entry + WR_ID));
        return true;
    }

    /** Executes what concerns no peer. */
    private void executeLocal(long position, ByteBuffer entries, int entry, int kind) {
        WorkCompletionStatus status = LocalOperation.execute(owner, sends, position);
        if (status == WorkCompletionStatus.SUCCESS) {
            request.packets = 0;
            succeed(position, flags(kind), opcode(kind), 0, Words.lpLong(entries, entry + WR_ID));
        } else {
            fail(position, status);
        }
    }

    /** Sends the request; returns what comes of it. */
    private int deliver(int opcode) {
        int response = link.deliver(request);
        if (response == Response.ACK && WorkRequestRules.isAtomic(opcode) && !storeAtomicResult()) {
            return Response.PAYLOAD_FAULT;
        }
        if (response == Response.ACK || reliable || response == Response.PAYLOAD_FAULT) {
            return response;
        }
        countDropped();
        return Response.ACK; // nobody answers
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by whoever holds the right to run
    private void countTimeout() {
        timeoutRetries++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by whoever holds the right to run
    private void countNotReady() {
        notReadyRetries++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by whoever holds the right to run
    private void countDropped() {
        dropped++;
    }

    @Override
    long timeoutRetries() {
        return timeoutRetries;
    }

    @Override
    long notReadyRetries() {
        return notReadyRetries;
    }

    @Override
    long dropped() {
        return dropped;
    }

    @Override
    boolean isIdle() {
        return ring.lpExecuted() == ring.lpPosted() && owner.state() == QueuePairState.RTS;
    }

    /** The request is written down as an entry only if something comes of it but success. */
    @Override
    boolean executeNow(SendRequest work, int bytes, SendQueue writer) {
        int opcode = work.opcode().value();
        boolean reads = opcode == WorkRequestOpcode.RDMA_READ.value() || WorkRequestRules.isAtomic(opcode);
        if (datagrams
                || opcode >= LOCAL_INV
                || work.inlineData() != null
                || reads && connection.maxReadAtomic() == 0
                || !request.payload.load(work, memory, domain, reads ? AccessFlags.LOCAL_WRITE : 0)) {
            return false;
        }
        request.opcode = opcode;
        request.solicited = (work.flags() & SendFlags.SOLICITED) != 0;
        request.immediate = work.immediate();
        request.psn = psn;
        request.packets = bytes == 0 ? 1 : (bytes - 1 >>> connection.mtuShift()) + 1;
        request.remoteAddress = work.remoteAddress();
        request.remoteKey = work.rkey();
        request.sharedReceiveQueue = work.xrcSharedReceiveQueue();
        if (reads) {
            request.compareAdd = work.compareAdd();
            request.swap = work.swap();
        }
        int response = deliver(opcode);
        long position = ring.lpPosted();
        if (response == Response.ACK) {
            ring.soPosted(position + 1);
            succeed(position, work.flags(), opcode, bytes, work.wrId());
        } else {
            writer.writeDown(work, bytes);
            boolean unused = refused(position, response);
        }
        return true;
    }

    /** Makes the request that an entry asks for. */
    private WorkCompletionStatus prepare(ByteBuffer entries, int entry, int kind, int opcode) {
        int flags = flags(kind);
        int bytes = Words.lpInt(entries, entry + DATA_BYTES);
        boolean reads = opcode == WorkRequestOpcode.RDMA_READ.value() || WorkRequestRules.isAtomic(opcode);
        if ((flags & SendFlags.INLINE) != 0) {
            request.payload.clear();
            request.payload.add(entries, entry + (opcode == ATOMIC_WRITE ? COMPARE_ADD : DATA), bytes);
        } else if (!request.payload.load(
                entries, entry + DATA, elements(kind), memory, domain, reads ? AccessFlags.LOCAL_WRITE : 0)) {
            return WorkCompletionStatus.LOC_PROT_ERR;
        }
        request.opcode = opcode;
        request.solicited = (flags & SendFlags.SOLICITED) != 0;
        request.immediate = Words.lpInt(entries, entry + IMMEDIATE);
        if (datagrams) {
            return prepareDatagram(entries, entry, bytes);
        }
        long total = Integer.toUnsignedLong(bytes);
        request.psn = psn;
        request.packets = total == 0 ? 1 : (int) (total - 1 >>> connection.mtuShift()) + 1;
        request.remoteAddress = Words.lpLong(entries, entry + REMOTE_ADDRESS);
        request.remoteKey = Words.lpInt(entries, entry + REMOTE_KEY);
        request.sharedReceiveQueue = Words.lpInt(entries, entry + SHARED_RECEIVE_QUEUE);
        if (opcode == SEND_WITH_INV) {
            request.immediate = request.remoteKey;
        } else if (opcode == FLUSH) {
            request.compareAdd = Words.lpLong(entries, entry + COMPARE_ADD);
            request.swap = Words.lpLong(entries, entry + SWAP);
        }
        return reads ? prepareRead(entries, entry, opcode) : WorkCompletionStatus.SUCCESS;
    }

    private WorkCompletionStatus prepareRead(ByteBuffer entries, int entry, int opcode) {
        if (connection.maxReadAtomic() == 0) {
            return WorkCompletionStatus.LOC_QP_OP_ERR; // it could never be sent
        }
        if (WorkRequestRules.isAtomic(opcode)) {
            request.compareAdd = Words.lpLong(entries, entry + COMPARE_ADD);
            request.swap = Words.lpLong(entries, entry + SWAP);
        }
        return WorkCompletionStatus.SUCCESS;
    }

    private WorkCompletionStatus prepareDatagram(ByteBuffer entries, int entry, int bytes) {
        if (bytes < 0 || bytes > config.portMtu()) {
            return WorkCompletionStatus.LOC_LEN_ERR;
        }
        request.destinationQueuePair = Words.lpInt(entries, entry + REMOTE_QUEUE_PAIR);
        int wanted = Words.lpInt(entries, entry + REMOTE_QKEY);
        request.qkey = wanted < 0 ? connection.qkey() : wanted; // with the top bit set, the own Q_Key goes out
        request.destinationGidHigh = Words.lpLong(entries, entry + GID_HIGH);
        request.destinationGidLow = Words.lpLong(entries, entry + GID_LOW);
        long way = Words.lpLong(entries, entry + WAY);
        request.hopLimit = hopLimit(way);
        request.trafficClass = trafficClass(way);
        request.serviceLevel = serviceLevel(way);
        request.flowLabel = flowLabel(way);
        return WorkCompletionStatus.SUCCESS;
    }

    private boolean storeAtomicResult() {
        try {
            request.payload.putLong(request.atomicResult);
            return true;
        } catch (RuntimeException | InternalError e) {
            return false; // memory that was taken away
        }
    }

    private void succeed(long position, int flags, int opcode, int bytes, long wrId) {
        psn = psn + request.packets & PSN_MASK;
        waitUntil = NOT_WAITING;
        boolean retried = hasRetried;
        if (retried) {
            resetRetries();
        }
        if (!signalAll && (flags & SendFlags.SIGNALED) == 0) {
            ring.soExecuted(position, WorkRing.UNSIGNALED);
        } else {
            completeSuccess(position, opcode, bytes, wrId);
        }
        if (retried) {
            owner.finishedWhatWasBegun(); // after its completion: who hears of it finds all of them
        }
    }

    private void completeSuccess(long position, int opcode, int bytes, long wrId) {
        boolean kept = completions.complete(
                wrId,
                WorkCompletionStatus.SUCCESS.value(),
                COMPLETION_OPCODES[opcode].value(),
                0,
                bytes,
                0,
                number,
                0,
                0,
                false,
                ring,
                position);
        if (!kept) {
            owner.failRunning(QueuePairStateRecord.OVERRUN);
        }
    }

    /** The peer did not carry the request out; false when it is to be tried again later. */
    private boolean refused(long position, int response) {
        if (response == Response.NOT_READY && rnrRetriesLeft > 0) {
            if (connection.rnrRetry() != ENDLESS_RNR_RETRIES) {
                rnrRetriesLeft--;
            }
            countNotReady();
            waitFor(RetryTimes.nanos(request.rnrTimer));
            return false;
        }
        if (response == Response.LOST && connection.timeout() == 0) {
            hasRetried = true;
            waitUntil = WAITING_FOR_EVER; // until the queue pair fails, is reset or closed
            return false;
        }
        if (response == Response.LOST && retriesLeft > 0) {
            retriesLeft--;
            countTimeout();
            waitFor(RetryTimes.timeoutNanos(connection.timeout()));
            return false;
        }
        fail(
                position,
                switch (response) {
                    case Response.PAYLOAD_FAULT -> WorkCompletionStatus.LOC_PROT_ERR;
                    case Response.NOT_READY -> WorkCompletionStatus.RNR_RETRY_EXC_ERR;
                    case Response.LOST -> WorkCompletionStatus.RETRY_EXC_ERR;
                    case Response.NAK_INVALID_REQUEST -> WorkCompletionStatus.REM_INV_REQ_ERR;
                    case Response.NAK_REMOTE_ACCESS -> WorkCompletionStatus.REM_ACCESS_ERR;
                    default -> WorkCompletionStatus.REM_OP_ERR;
                });
        return true;
    }

    private void waitFor(long nanos) {
        hasRetried = true;
        long until = config.timer().nanoTime() + nanos;
        waitUntil = until == NOT_WAITING || until == WAITING_FOR_EVER ? until + 1 : until;
        cancelTimer();
        timer = config.timer().schedule(onTimer, nanos);
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    boolean isUnderWay() {
        return waitUntil != NOT_WAITING;
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return request.payload.refersTo(other);
    }

    @Override
    void forgetMemory() {
        request.payload.forget();
    }

    private void resetRetries() {
        hasRetried = false;
        retriesLeft = connection.retryCount();
        rnrRetriesLeft = connection.rnrRetry();
    }

    private void fail(long position, WorkCompletionStatus status) {
        waitUntil = NOT_WAITING;
        finish(position, status);
        if (reliable) {
            owner.failRunning(status.name());
        } else {
            owner.failSendQueue(status.name());
        }
    }

    private void finish(long position, WorkCompletionStatus status) {
        int entry = ring.entry(position);
        int opcode = opcode(Words.lpInt(ring.memory(), entry + KIND));
        boolean unused = completions.complete(
                Words.lpLong(ring.memory(), entry + WR_ID),
                status.value(),
                COMPLETION_OPCODES[opcode].value(),
                0,
                0,
                0,
                number,
                0,
                0,
                true,
                ring,
                position);
    }
}
