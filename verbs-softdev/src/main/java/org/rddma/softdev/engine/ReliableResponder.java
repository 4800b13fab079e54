package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketPort;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.spi.Connection;

/**
 * Carries out the requests of a reliable connection: each packet once, in the order of their numbers.
 *
 * <p>Nothing is answered before all packets of a round are carried out. What is owed then is, first, the answers
 * that requests have of their own, in the order of the requests (see {@link ReplayTable}); the data of a read is
 * looked up only then, some packets in each round, or just before a request that may change it. Behind those comes
 * one syndrome: an acknowledgement of all that was carried out, or what is to be said of the next packet. One is
 * enough, since each says that all before it was carried out, and so does the answer of a later request. It never
 * overtakes an answer: its receiver would take that for lost.
 *
 * <p>When a request fails the queue pair, the answers that were owed before it still go out, and then the reason.
 * When something else ends the queue pair, what needs no memory still goes out at once: a program may close its
 * queue pair as soon as it has the last message, whose sender waits for the acknowledgement.
 */
final class ReliableResponder extends PacketResponder {
    /** Packets of responses in a round: others want to be served too, and the peer's buffers have an end. */
    private static final int ROUND = 32;

    /** Packets of responses that may go out before the end of a round, because of requests behind them. */
    private static final int MOST_EARLY = 128;

    /** Besides the reads and atomics that were negotiated: for flushes and atomic writes, which nobody counts. */
    private static final int MORE_REPLAYS = 16;

    private static final long MAX_BYTES = 1L << 31;
    private static final int HALF_OF_ALL_NUMBERS = 1 << 23;
    private static final int NOTHING = -1;
    private static final int ACKNOWLEDGEMENT = SYNDROME_ACK | UNLIMITED_CREDITS;

    private final PacketPort port;
    private final MemoryTable memory;
    private final Object domain;
    private final IncomingMessage message;
    private final RemoteOperations operations;
    private final ReplayTable replays = new ReplayTable();
    private final ReplayAnswers answers;

    private int expectedPsn;

    /** Packets carried out since it was connected, to half of all numbers: those behind are no duplicates. */
    private int carriedOut;

    /** Messages carried out: 24 bits of it are sent. */
    private int messages;

    /** Whether the peer knows that another packet is expected than it has sent. */
    private boolean isRefused;

    /** What is to be said when all answers are sent: a syndrome. */
    private int owed = NOTHING;

    private int early = MOST_EARLY;

    private boolean isAtWork;

    /** Whether a request has failed the queue pair, and the peer is yet to be told. */
    private boolean isLeaving;

    ReliableResponder(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {
        super(owner, config, connection, receives);
        port = config.port();
        memory = config.memory();
        domain = config.domain();
        message = new IncomingMessage(this, config, connection);
        operations = new RemoteOperations(owner, config, connection);
        answers = new ReplayAnswers(owner, config, connection, writer, replays);
    }

    @Override
    void connect(int firstPsn) {
        super.connect(firstPsn);
        expectedPsn = firstPsn;
        carriedOut = 0;
        messages = 0;
        isRefused = false;
        forgetAnswers();
        replays.reset(connection.maxDestReadAtomic() + MORE_REPLAYS);
    }

    @Override
    void clear() {
        message.abandon();
        settle();
    }

    @Override
    void abort() {
        message.flush();
        if (isAtWork) {
            isLeaving = true;
        } else if (!isLeaving) {
            settle();
        }
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return message.refersTo(other);
    }

    @Override
    void forgetMemory() {
        message.forgetMemory();
    }

    // ---- requests

    @Override
    void accept(ReceivedPacket packet, int opcode, TransmitBatch batch) {
        int ahead = distance(packet.psn(), expectedPsn);
        if (ahead > 0 || -ahead > carriedOut) {
            outOfSequence(ahead);
        } else if (ahead < 0) {
            repeat(packet, opcode);
        } else {
            expected(packet, opcode, batch);
        }
    }

    private void outOfSequence(int ahead) {
        count(PacketCounter.OUT_OF_SEQUENCE_REQUESTS);
        if (ahead > 0 && !isRefused) {
            isRefused = true;
            owe(NAK_SEQUENCE);
        }
    }

    private void expected(ReceivedPacket packet, int opcode, TransmitBatch batch) {
        isRefused = false;
        established();
        if (mayChangeMemory(opcode) && !answerReads(opcode, batch)) {
            return;
        }
        isAtWork = true;
        int response;
        try {
            response = carryOut(packet, opcode);
        } finally {
            isAtWork = false;
        }
        switch (response) {
            case Response.ACK -> {
                boolean hasAnswer = !IncomingMessage.isPartOfOne(opcode);
                if (packet.asksForAck() && !hasAnswer || owed != NOTHING) { // or what is owed is out of date
                    owe(ACKNOWLEDGEMENT);
                }
            }
            case Response.NOT_READY -> {
                isRefused = true;
                count(PacketCounter.SENT_RNR);
                owe(SYNDROME_RNR | connection.minRnrTimer());
            }
            case Response.LOST -> outOfSequence(1); // no room for its answer: as if it were not here yet
            case Response.NAK_REMOTE_ACCESS -> owe(NAK_REMOTE_ACCESS);
            case Response.NAK_REMOTE_OPERATION -> owe(NAK_REMOTE_OPERATION);
            default -> owe(NAK_INVALID_REQUEST);
        }
    }

    private static boolean mayChangeMemory(int opcode) {
        return opcode != Opcodes.READ_REQUEST && opcode != Opcodes.FLUSH;
    }

    /**
     * What a read finds is what was there before the next request. This holds always for atomics, which must come
     * again while too much is still to be read, and for messages as long as it is no trouble: otherwise they need a
     * fence.
     *
     * @return whether the request is to be carried out now
     */
    private boolean answerReads(int opcode, TransmitBatch batch) {
        for (Replay next = replays.pending(); next != null; next = replays.pending()) {
            if (early == 0) {
                if (IncomingMessage.isPartOfOne(opcode)) {
                    return true;
                }
                outOfSequence(1);
                return false;
            }
            early--;
            if (!answerOrFail(next, batch)) {
                count(PacketCounter.DROPPED_STATE);
                return false;
            }
        }
        return true;
    }

    private void owe(int syndrome) {
        if (owed == ACKNOWLEDGEMENT) {
            count(PacketCounter.ACK_DEFERRED);
        }
        owed = syndrome;
    }

    private int carryOut(ReceivedPacket packet, int opcode) {
        if (!message.isFollowedBy(opcode)) {
            count(PacketCounter.DROPPED_SEQUENCE);
            return message.refuse(Response.NAK_INVALID_REQUEST);
        }
        if (IncomingMessage.isPartOfOne(opcode)) {
            return receive(packet, opcode);
        }
        replays.reserve(connection.maxDestReadAtomic() + MORE_REPLAYS);
        if (!replays.hasRoom()) {
            return Response.LOST;
        }
        return opcode == Opcodes.READ_REQUEST ? read(packet) : operate(packet, opcode);
    }

    private int receive(ReceivedPacket packet, int opcode) {
        int response = message.receive(packet, opcode);
        if (response == Response.ACK) {
            advance(1);
            if (Opcodes.isLast(opcode)) {
                messages++;
                if (!IncomingMessage.isWrite(opcode)) {
                    count(PacketCounter.RECEIVES);
                }
            }
        }
        return response;
    }

    private void advance(int packets) {
        expectedPsn = expectedPsn + packets & MASK_24;
        carriedOut = Math.min(carriedOut + packets, HALF_OF_ALL_NUMBERS);
    }

    private int read(ReceivedPacket packet) {
        ByteBuffer headers = packet.memory();
        int at = packet.extension();
        long address = headers.getLong(at);
        int key = headers.getInt(at + RETH_KEY);
        long length = headers.getInt(at + RETH_LENGTH) & 0xFFFFFFFFL;
        if ((connection.accessFlags() & AccessFlags.REMOTE_READ) == 0 || areTooMany() || length > MAX_BYTES) {
            return failed(Response.NAK_INVALID_REQUEST);
        }
        if (length > 0 && readable(key, address, length) == null) {
            return failed(Response.NAK_REMOTE_ACCESS);
        }
        int packets = answers.packets(length);
        messages++;
        Replay added = replays.add(Opcodes.READ_REQUEST, expectedPsn, packets, messages);
        added.key = key;
        added.address = address;
        added.length = length;
        ReplayTable.aim(added, expectedPsn, address, length);
        advance(packets);
        owe(NOTHING); // its answer says it all
        return Response.ACK;
    }

    /** Whether there are more under way than were negotiated: the peer knows, and does it all the same. */
    private boolean areTooMany() {
        return replays.unanswered() >= connection.maxDestReadAtomic();
    }

    private RegisteredMemory readable(int key, long address, long length) {
        RegisteredMemory found = memory.find(key);
        return found != null && found.checkRemote(owner, domain, AccessFlags.REMOTE_READ, address, length) >= 0
                ? found
                : null;
    }

    private int operate(ReceivedPacket packet, int opcode) {
        int response;
        try {
            response = operate(packet.memory(), packet.extension(), packet.payloadBytes(), opcode);
        } catch (RuntimeException | InternalError e) { // memory was taken away
            return failedInMemory();
        }
        if (response != Response.ACK) {
            return failed(response);
        }
        messages++;
        replays.add(opcode, expectedPsn, 1, messages).found = operations.found();
        advance(1);
        owe(NOTHING);
        return response;
    }

    private int operate(ByteBuffer bytes, int at, int payload, int opcode) {
        switch (opcode) {
            case Opcodes.COMPARE_SWAP, Opcodes.FETCH_ADD -> {
                if (areTooMany()) {
                    return Response.NAK_INVALID_REQUEST;
                }
                long address = bytes.getLong(at);
                int key = bytes.getInt(at + ATOMIC_KEY);
                long operand = bytes.getLong(at + ATOMIC_OPERAND);
                return opcode == Opcodes.FETCH_ADD
                        ? operations.fetchAndAdd(key, address, operand)
                        : operations.compareAndSwap(key, address, bytes.getLong(at + ATOMIC_COMPARE), operand);
            }
            case Opcodes.ATOMIC_WRITE -> {
                if (payload != Long.BYTES || bytes.getInt(at + RETH_LENGTH) != Long.BYTES) {
                    return Response.NAK_INVALID_REQUEST;
                }
                long value = Words.lpLong(bytes, at + RETH_BYTES); // as it lies there
                return operations.atomicWrite(bytes.getInt(at + RETH_KEY), bytes.getLong(at), value);
            }
            case Opcodes.FLUSH -> {
                int kind = bytes.getInt(at);
                int reth = at + FETH_BYTES;
                return operations.flush(
                        bytes.getInt(reth + RETH_KEY),
                        bytes.getLong(reth),
                        bytes.getInt(reth + RETH_LENGTH) & 0xFFFFFFFFL,
                        kind & FETH_PLACEMENT,
                        kind >>> FETH_LEVEL_SHIFT & FETH_LEVEL);
            }
            default -> {
                return Response.NAK_INVALID_REQUEST;
            }
        }
    }

    // ---- requests that come again

    private void repeat(ReceivedPacket packet, int opcode) {
        count(PacketCounter.DUPLICATE_REQUESTS);
        if (IncomingMessage.isPartOfOne(opcode)) {
            if (owed == NOTHING) { // whatever else is owed says that it was carried out
                owe(ACKNOWLEDGEMENT);
            }
            return;
        }
        answers.repeat(packet, opcode);
    }

    // ---- answers

    @Override
    boolean endRound(TransmitBatch batch) {
        early = MOST_EARLY;
        int room = ROUND;
        for (Replay next = replays.pending(); next != null; next = replays.pending()) {
            if (room-- == 0) {
                return true;
            }
            boolean unused = answerOrFail(next, batch);
        }
        sayWhatIsOwed(batch);
        return false;
    }

    private void sayWhatIsOwed(TransmitBatch batch) {
        if (owed != NOTHING) {
            boolean positive = owed == ACKNOWLEDGEMENT;
            writer.acknowledge(batch, owed, positive ? expectedPsn - 1 : expectedPsn, messages);
            owed = NOTHING;
        }
    }

    /** Sends one packet; false when that was the end of the queue pair. */
    private boolean answerOrFail(Replay next, TransmitBatch batch) {
        int response = answers.send(next, batch);
        if (response == Response.ACK) {
            return true;
        }
        if (next.isRepeated) { // it was answered while the memory was there: perhaps only the network came again
            replays.answered(next);
            return true;
        }
        failAnswer(next, batch, response);
        return false;
    }

    private void failAnswer(Replay next, TransmitBatch batch, int response) {
        boolean access = response == Response.NAK_REMOTE_ACCESS;
        writer.acknowledge(batch, access ? NAK_REMOTE_ACCESS : NAK_REMOTE_OPERATION, next.psn, next.messages);
        forgetAnswers();
        if (!isLeaving) {
            int unused = access ? failed(response) : failedInMemory();
        }
    }

    private void forgetAnswers() {
        replays.clear();
        owed = NOTHING;
        isLeaving = false;
    }

    /** Sends at once what is owed and needs no memory, and forgets the rest. */
    private void settle() {
        Replay next = replays.pending();
        if (next == null && owed == NOTHING) {
            return;
        }
        TransmitBatch batch = port.lend();
        try {
            while (next != null && next.operation != Opcodes.READ_REQUEST) {
                int unused = answers.send(next, batch);
                next = replays.pending();
            }
            if (next == null) {
                sayWhatIsOwed(batch);
            } else if (next.psn == next.firstPsn) {
                writer.acknowledge(batch, ACKNOWLEDGEMENT, next.firstPsn - 1, next.messages - 1);
            }
        } finally {
            port.giveBack(batch);
            forgetAnswers();
        }
    }
}
