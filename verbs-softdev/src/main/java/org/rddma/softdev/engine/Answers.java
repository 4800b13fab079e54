package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;
import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketCounters;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Connection;
import org.rddma.verbs.spi.RetryTimes;

/** What the answers of a reliable peer, or their absence, mean for the requests that are under way. */
final class Answers {
    /*
     * An answer carries the number of the packet that it answers, and acknowledges all before it. It cannot acknowledge
     * a read or an atomic whose own answer has not come: that one was lost on its way, and is asked for again.
     *
     *   acknowledgement     complete what ends up to here
     *   data of a read      the next that is missing: store it. Later ones: something was lost
     *   missing packet      complete what ends before, go back to here
     *   not ready           complete what ends before, wait as long as the peer says, go back to here
     *   other refusals      complete what ends before; the oldest fails, and with it the queue pair
     *   none, in time       go back to the oldest packet
     *
     * Going back costs a retry. As soon as anything new is acknowledged, all retries are there again. What makes the
     * requester go back often comes several times for one loss: it goes back to the same packet again only when the time
     * is up.
     *
     * Lengths are never taken from an answer: how long it must be follows from its number. One that is not is dropped,
     * and waiting for the right one ends with the retries.
     */
    private static final int ENDLESS_RNR_RETRIES = 7;
    private static final int CODE = 0x1F;
    private static final long NOWHERE = -1;

    private final WorkRing ring;
    private final Connection connection;
    private final Flight flight;
    private final ReadTable reads;
    private final SendWindow window;
    private final RetransmitClock clock;
    private final SendCompletions completions;
    private final PacketCounters counters;
    private final MemoryTable memory;
    private final Object domain;
    private final Segments landing;

    /** The entry whose memory is found. */
    private long landingOf = NOWHERE;

    private int retriesLeft;
    private int rnrRetriesLeft;

    /** Where an answer made it go back to. */
    private long wentBackTo = NOWHERE;

    /** Before which no congestion note counts: those belong to what was sent before the last. */
    private long notedUpTo;

    /** Whether the peer asked to wait. */
    private boolean waits;

    // Counted where something went wrong, never where all goes well; read by those who only look.
    private volatile long timeoutRetries;
    private volatile long notReadyRetries;

    Answers(
            EngineConfig config,
            Connection connection,
            WorkRing ring,
            Flight flight,
            ReadTable reads,
            SendWindow window,
            RetransmitClock clock,
            SendCompletions completions) {
        this.ring = ring;
        this.connection = connection;
        this.flight = flight;
        this.reads = reads;
        this.window = window;
        this.clock = clock;
        this.completions = completions;
        counters = config.port().counters();
        memory = config.memory();
        domain = config.domain();
        landing = new Segments(config.sizes().maxSendElements());
    }

    void clear() {
        waits = false;
        wentBackTo = NOWHERE;
        notedUpTo = 0;
    }

    void allowRetries() {
        retriesLeft = connection.retryCount();
        rnrRetriesLeft = connection.rnrRetry();
    }

    /** Whether nothing may be sent until the time is up. */
    boolean waits() {
        return waits;
    }

    long timeoutRetries() {
        return timeoutRetries;
    }

    long notReadyRetries() {
        return notReadyRetries;
    }

    boolean refersTo(ByteBuffer buffer) {
        return landing.refersTo(buffer);
    }

    void forgetMemory() {
        landing.forget();
        landingOf = NOWHERE;
    }

    /** An answer of the peer has come. */
    void receive(ReceivedPacket packet) {
        long number = flight.numberOf(packet.psn());
        if (!flight.isUnderWay(number)) {
            counters.count(PacketCounter.DROPPED_STALE);
            return;
        }
        long before = flight.acknowledged();
        int opcode = packet.opcode();
        if (opcode == Opcodes.ACKNOWLEDGE) {
            acknowledgement(packet.memory().get(packet.extension()) & 0xFF, number);
        } else if (opcode == Opcodes.ATOMIC_ACKNOWLEDGE) {
            atomicResult(packet, number);
        } else {
            data(packet, number);
        }
        flight.catchUp();
        long arrived = flight.acknowledged() - before;
        if (arrived > 0) {
            progressed(arrived);
        }
    }

    private void progressed(long arrived) {
        reads.answered(flight.acknowledged());
        window.arrived(arrived);
    }

    /** The retries and the clock begin anew. Before anything costs a retry. */
    private void startAnew() {
        waits = false;
        allowRetries();
        if (flight.hasUnacknowledged()) {
            startClock();
        } else {
            clock.stop();
        }
    }

    void startClock() {
        if (connection.timeout() != 0) {
            clock.start(RetryTimes.timeoutNanos(connection.timeout()));
        } else {
            clock.stop();
        }
    }

    /**
     * Acknowledges all before a number.
     *
     * @return false when an answer is missing before it
     */
    private boolean acknowledge(long number) {
        long before = flight.acknowledged();
        while (flight.acknowledged() < number && ring.lpExecuted() < flight.begun()) {
            long position = ring.lpExecuted();
            if (RequestPackets.isAnsweredByData(opcodeOf(position))) {
                break;
            }
            long end = flight.end(position);
            flight.acknowledge(Math.min(end, number));
            if (end <= number) {
                completions.succeed();
            }
        }
        if (flight.acknowledged() > before) {
            startAnew();
        }
        return flight.acknowledged() >= number;
    }

    private int opcodeOf(long position) {
        return opcode(Words.lpInt(ring.memory(), ring.entry(position) + KIND));
    }

    private void acknowledgement(int syndrome, long number) {
        int kind = syndrome & SYNDROME_KIND;
        if (kind == SYNDROME_ACK) {
            // one that is for the middle of a read, or for all of it, may come before the data, which is no loss
            if (!acknowledge(number + 1) && number >= flight.end(ring.lpExecuted())) {
                lost(false);
            }
            return;
        }
        if (kind != SYNDROME_RNR && (syndrome < NAK_SEQUENCE || syndrome > NAK_REMOTE_OPERATION)) {
            counters.count(PacketCounter.DROPPED_MALFORMED);
        } else if (!acknowledge(number)) {
            lost(false);
        } else if (kind == SYNDROME_RNR) {
            notReady(syndrome & CODE);
        } else if (syndrome == NAK_SEQUENCE) {
            counters.count(PacketCounter.RECEIVED_SEQUENCE_ERRORS);
            lost(true);
        } else if (syndrome == NAK_INVALID_REQUEST) {
            fail(WorkCompletionStatus.REM_INV_REQ_ERR);
        } else {
            fail(syndrome == NAK_REMOTE_ACCESS ? WorkCompletionStatus.REM_ACCESS_ERR : WorkCompletionStatus.REM_OP_ERR);
        }
    }

    private void fail(WorkCompletionStatus status) {
        clock.stop();
        completions.fail(status);
    }

    // ---- results

    private void atomicResult(ReceivedPacket packet, long number) {
        if (!acknowledge(number)) {
            lost(false);
            return;
        }
        long position = ring.lpExecuted();
        int opcode = opcodeOf(position);
        if (!RequestPackets.isWrittenBack(opcode) || RequestPackets.isRead(opcode)) {
            counters.count(PacketCounter.DROPPED_SEQUENCE);
            return;
        }
        if (!isAck(packet)) {
            counters.count(PacketCounter.DROPPED_MALFORMED);
            return;
        }
        try {
            if (!load(position)) {
                fail(WorkCompletionStatus.LOC_PROT_ERR);
                return;
            }
            landing.putLong(packet.memory().getLong(packet.extension() + AETH_BYTES));
        } catch (RuntimeException | InternalError e) { // memory that was taken away
            fail(WorkCompletionStatus.LOC_PROT_ERR);
            return;
        }
        answered(number, true);
    }

    /** The data of a read, or nothing, for an atomic write or a flush. */
    private void data(ReceivedPacket packet, long number) {
        if (!acknowledge(number)) {
            lost(false);
            return;
        }
        long position = ring.lpExecuted();
        int opcode = opcodeOf(position);
        if (!RequestPackets.isAnsweredByData(opcode)
                || RequestPackets.isWrittenBack(opcode) && !RequestPackets.isRead(opcode)
                || Opcodes.isLast(packet.opcode()) != reads.endsFirst(number)) {
            counters.count(PacketCounter.DROPPED_SEQUENCE);
            return;
        }
        long skip = number - flight.first(position) << connection.mtuShift();
        long bytes = RequestPackets.isRead(opcode) ? bytesOf(position) : 0;
        int expected = (int) Math.min(bytes - skip, 1L << connection.mtuShift());
        if (packet.payloadBytes() != expected || hasSyndrome(packet.opcode()) && !isAck(packet)) {
            counters.count(PacketCounter.DROPPED_MALFORMED);
            return;
        }
        try {
            if (expected > 0) {
                if (!load(position)) {
                    fail(WorkCompletionStatus.LOC_PROT_ERR);
                    return;
                }
                landing.scatter(skip, packet.memory(), packet.payload(), expected);
            }
        } catch (RuntimeException | InternalError e) { // memory that was taken away
            fail(WorkCompletionStatus.LOC_PROT_ERR);
            return;
        }
        answered(number, number + 1 == flight.end(position));
    }

    private static boolean hasSyndrome(int opcode) {
        return opcode != Opcodes.READ_RESPONSE_MIDDLE;
    }

    private static boolean isAck(ReceivedPacket packet) {
        return (packet.memory().get(packet.extension()) & SYNDROME_KIND) == SYNDROME_ACK;
    }

    private long bytesOf(long position) {
        return Integer.toUnsignedLong(Words.lpInt(ring.memory(), ring.entry(position) + DATA_BYTES));
    }

    private boolean load(long position) {
        if (landingOf == position) {
            return true;
        }
        landingOf = NOWHERE;
        int entry = ring.entry(position);
        int elements = elements(Words.lpInt(ring.memory(), entry + KIND));
        if (!landing.load(ring.memory(), entry + DATA, elements, memory, domain, AccessFlags.LOCAL_WRITE)) {
            return false;
        }
        landingOf = position;
        return true;
    }

    private void answered(long number, boolean wholly) {
        flight.acknowledge(number + 1);
        startAnew();
        if (wholly) {
            completions.succeed();
        }
    }

    // ---- going back

    /** Something was lost before the oldest packet could be acknowledged; the peer says so, or it shows. */
    private void lost(boolean said) {
        if (waits || wentBackTo == flight.acknowledged() || !said && retriesLeft == 0) {
            return;
        }
        wentBackTo = flight.acknowledged();
        retry();
    }

    private void retry() {
        if (retriesLeft == 0) {
            counters.count(PacketCounter.RETRY_EXCEEDED);
            fail(WorkCompletionStatus.RETRY_EXC_ERR);
            return;
        }
        retriesLeft--;
        counters.count(PacketCounter.RETRIES);
        window.halve();
        goBack();
        clock.stop();
    }

    private void goBack() {
        reads.answered(flight.acknowledged());
        flight.goBack();
        reads.goBack();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by whoever holds the right to run
    private void notReady(int code) {
        counters.count(PacketCounter.RECEIVED_RNR);
        if (waits) {
            return; // the same again
        }
        if (rnrRetriesLeft == 0) {
            counters.count(PacketCounter.RNR_RETRY_EXCEEDED);
            fail(WorkCompletionStatus.RNR_RETRY_EXC_ERR);
            return;
        }
        if (connection.rnrRetry() != ENDLESS_RNR_RETRIES) {
            rnrRetriesLeft--;
        }
        notReadyRetries++;
        waits = true;
        goBack();
        clock.start(RetryTimes.nanos(code));
    }

    /** The time is up: that of the peer, or that for an answer. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // by whoever holds the right to run
    void timeIsUp() {
        if (waits) {
            waits = false;
        } else if (flight.hasUnacknowledged()) {
            if (retriesLeft > 0) {
                timeoutRetries++;
            }
            wentBackTo = NOWHERE;
            retry();
        }
    }

    /** Packets of the peer say that packets to it met congestion. */
    void congested() {
        counters.count(PacketCounter.RECEIVED_CNP);
        if (flight.acknowledged() >= notedUpTo) {
            notedUpTo = flight.sequence();
            window.halve();
        }
    }
}
