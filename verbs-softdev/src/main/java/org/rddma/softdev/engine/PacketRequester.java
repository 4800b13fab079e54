package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketCounters;
import org.rddma.softdev.link.roce.PacketPort;
import org.rddma.softdev.link.roce.Path;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Connection;

/** Executes the entries of a send queue by sending packets. */
final class PacketRequester extends SendSide {
    /*
     * A run sends packets of one entry after the other, one at a time, as long as it may:
     *
     *   - entries that are begun, of a queue pair in RTS or SQD; others in RTS only
     *   - on a reliable connection, as many packets as the window allows, those of a read's answer counted too; and
     *     reads, atomics, atomic writes and flushes as many as the peer keeps answers of
     *   - a fenced entry when no read or atomic is under way; a local one, when nothing is
     *   - nothing while the peer wants to be waited for
     *
     * Unreliable entries are done when their last packet is written. Reliable ones are done when their answers come
     * (see Answers), or are sent again. An entry is read from the ring each time, so it can be sent again from anywhere.
     *
     * What is wrong with an entry here (its memory, its length) shows when it is to be sent, but it fails only when it
     * is the oldest: until then it waits, since what is before it may still succeed.
     *
     * An acknowledgement is asked for with the last packet of each message, with the last that the window allows, and
     * some times in between: acknowledgements are to come before the window is used up.
     */
    private static final int MOST_UNASKED = 32;

    /** Packets that somebody who wants the queue waits for: with each answer one comes, and there is seldom more to do. */
    private static final int PATIENCE = 32;

    private final QueuePairEngine owner;
    private final EngineConfig config;
    private final Connection connection;
    private final SendQueue sends;
    private final WorkRing ring;
    private final PacketPort port;
    private final PacketCounters counters;
    private final boolean reliable;
    private final boolean datagrams;

    private final Flight flight;
    private final ReadTable reads = new ReadTable();
    private final SendWindow window = new SendWindow();
    private final RetransmitClock clock;
    private final RequestPackets packets;
    private final SendCompletions completions;
    private final Answers answers;
    private final PathCache paths;

    /** To the peer of a connection. */
    private Path path;

    /** Packets since an acknowledgement was last asked for. */
    private int unasked;

    /** Lent by the port during a run; null before something is to be sent. */
    private TransmitBatch batch;

    PacketRequester(QueuePairEngine owner, EngineConfig config, Connection connection, SendQueue sends) {
        this.owner = owner;
        this.config = config;
        this.connection = connection;
        this.sends = sends;
        ring = sends.ring();
        port = config.port();
        counters = port.counters();
        reliable = config.type() == QueuePairType.RC;
        datagrams = config.type() == QueuePairType.UD;
        flight = new Flight(ring);
        clock = new RetransmitClock(config.timer(), owner::ringDoorbell);
        packets = new RequestPackets(config, connection, ring);
        completions = new SendCompletions(owner, config, ring);
        answers = new Answers(config, connection, ring, flight, reads, window, clock, completions);
        paths = datagrams ? new PathCache(config.number()) : null;
    }

    // ---- the connection

    @Override
    void connect(int firstPsn) {
        flight.connect(firstPsn);
        answers.clear();
        reads.clear();
        if (reliable) {
            window.open(port.window(1 << connection.mtuShift()));
        }
    }

    @Override
    void reconfigure(QueuePairAttributes changes) {
        if (changes.has(QueuePairAttributes.RETRY_COUNT) || changes.has(QueuePairAttributes.RNR_RETRY)) {
            answers.allowRetries();
        }
        reads.limit(connection.maxReadAtomic());
        if (changes.has(QueuePairAttributes.ADDRESS_VECTOR)
                || changes.has(QueuePairAttributes.DESTINATION_QUEUE_PAIR)) {
            path = new Path(
                    connection.destinationGidHigh(),
                    connection.destinationGidLow(),
                    connection.trafficClass(),
                    connection.hopLimit(),
                    Path.sourcePort(connection.flowLabel(), config.number(), connection.destinationQueuePair()));
        }
    }

    @Override
    void clear() {
        clock.stop();
        clock.cancel();
        ring.clear();
        flight.forgetEntries();
        answers.clear();
        reads.clear();
    }

    // ---- running

    @Override
    boolean run(long limit) {
        if (clock.isTime() && isSending(owner.state())) {
            answers.timeIsUp();
        }
        try {
            boolean done = runEntries(limit - ring.lpExecuted());
            owner.finishedWhatWasBegun();
            return done;
        } finally {
            if (batch != null) {
                TransmitBatch full = batch;
                batch = null;
                port.giveBack(full);
            }
        }
    }

    private static boolean isSending(QueuePairState state) {
        return state == QueuePairState.RTS || state == QueuePairState.SQD;
    }

    /** Sends and completes; false when it did not come to an end because of the limit, or because it is to leave. */
    private boolean runEntries(long most) {
        int steps = 0;
        for (long left = most; ; ) {
            long position = flight.position();
            QueuePairState state = owner.state();
            if (!isSending(state)) {
                return state != QueuePairState.ERR && state != QueuePairState.SQE || flush(left);
            }
            if (position == ring.laPosted()
                    || answers.waits()
                    || state == QueuePairState.SQD && position >= flight.begun()) {
                return true;
            }
            if (left <= 0 || ++steps > PATIENCE && owner.isWanted()) {
                return false;
            }
            if (!sendNext(position)) {
                return true;
            }
            left -= flight.position() - position;
        }
    }

    private boolean flush(long most) {
        clock.stop();
        try {
            for (long left = most; ring.lpExecuted() < ring.laPosted(); left--) {
                if (left <= 0 || owner.isWanted()) {
                    return false;
                }
                completions.end(WorkCompletionStatus.WR_FLUSH_ERR);
            }
            return true;
        } finally { // who leaves early may find the queue pair in RTS when it comes again
            flight.forgetEntries();
            reads.clear();
        }
    }

    /** Sends a packet of an entry, or executes it here; false when it must wait. */
    private boolean sendNext(long position) {
        int entry = ring.entry(position);
        int kind = Words.lpInt(ring.memory(), entry + KIND);
        int opcode = opcode(kind);
        if (position == flight.begun()) {
            if ((flags(kind) & SendFlags.FENCE) != 0 && !reads.isEmpty()) {
                return false;
            }
            if (LocalOperation.isOne(opcode)) {
                return ring.lpExecuted() == position && executeLocal(position);
            }
        }
        if (!mayHaveMore(opcode)) {
            return false;
        }
        WorkCompletionStatus wrong = check(position, entry, kind, opcode);
        if (wrong == WorkCompletionStatus.SUCCESS) {
            try {
                if (position == flight.begun()) {
                    flight.begin(packets.packets(entry, opcode));
                }
                return send(position, entry, kind, opcode);
            } catch (RuntimeException | InternalError e) { // memory that was taken away
                wrong = WorkCompletionStatus.LOC_PROT_ERR;
            }
        }
        return failOldest(position, wrong);
    }

    /** Fails an entry if it is the oldest; false when it must wait until it is. */
    private boolean failOldest(long position, WorkCompletionStatus status) {
        if (ring.lpExecuted() != position) {
            return false;
        }
        clock.stop();
        completions.fail(status);
        flight.forgetEntries();
        return true;
    }

    private boolean executeLocal(long position) {
        flight.skip();
        WorkCompletionStatus status = LocalOperation.execute(owner, sends, position);
        if (status == WorkCompletionStatus.SUCCESS) {
            completions.succeed();
        } else {
            completions.fail(status);
        }
        return true;
    }

    /** Whether window and peer have room for something of this kind. */
    private boolean mayHaveMore(int opcode) {
        if (!reliable) {
            return true;
        }
        if (flight.underWay() >= window.size()) {
            return false;
        }
        if (!RequestPackets.isAnsweredByData(opcode) || reads.isRepeated()) {
            return true;
        }
        return RequestPackets.isWrittenBack(opcode) && connection.maxReadAtomic() == 0 // fails when it is sent
                || reads.hasRoom();
    }

    private WorkCompletionStatus check(long position, int entry, int kind, int opcode) {
        if (!packets.load(position, entry, kind)) {
            return WorkCompletionStatus.LOC_PROT_ERR;
        }
        if (datagrams && packets.bytes(entry) > config.portMtu()) {
            return WorkCompletionStatus.LOC_LEN_ERR;
        }
        return RequestPackets.isWrittenBack(opcode) && connection.maxReadAtomic() == 0
                ? WorkCompletionStatus.LOC_QP_OP_ERR // it could never be sent
                : WorkCompletionStatus.SUCCESS;
    }

    // ---- packets

    private boolean send(long position, int entry, int kind, int opcode) {
        if (RequestPackets.isRead(opcode)) {
            return sendRead(position, entry);
        }
        TransmitBatch to = room();
        int psn = flight.psn();
        if (datagrams) {
            packets.writeDatagram(to, entry, kind, psn, paths);
        } else if (RequestPackets.isAnsweredByData(opcode)) {
            packets.writeSpecial(to, entry, opcode, psn, path);
            reads.asked(flight.sequence());
            unasked = 0;
        } else {
            boolean isLast = flight.sequence() + 1 == flight.end(position);
            long index = flight.sequence() - flight.first(position);
            packets.writeData(to, entry, kind, index, isLast, psn, reliable && asksForAck(isLast), path);
        }
        sent(1);
        if (!reliable && flight.position() > position) {
            flight.acknowledge(flight.sequence());
            completions.succeed();
        }
        return true;
    }

    private boolean asksForAck(boolean isLast) {
        boolean asks = isLast
                || ++unasked >= Math.min(MOST_UNASKED, window.size() / 4)
                || flight.underWay() + 1 >= window.size();
        if (asks) {
            unasked = 0;
        }
        return asks;
    }

    /** Asks for what is left of a read, or for as much of it as may come at a time. */
    private boolean sendRead(long position, int entry) {
        long sequence = flight.sequence();
        long count;
        if (reads.isRepeated()) {
            count = reads.last() + 1 - sequence;
        } else {
            int most = reads.isSingle() ? window.size() : Math.max(1, window.size() / 2);
            count = Math.min(most, flight.end(position) - sequence);
        }
        if (flight.underWay() > 0 && flight.underWay() + count > window.size()) {
            return false;
        }
        long skip = sequence - flight.first(position) << connection.mtuShift();
        long bytes = Math.min(count << connection.mtuShift(), packets.bytes(entry) - skip);
        packets.writeRead(room(), entry, skip, bytes, flight.psn(), path);
        reads.asked(sequence + count - 1);
        unasked = 0;
        sent(count);
        return true;
    }

    private void sent(long count) {
        flight.sent(count);
        if (reliable && !clock.isRunning()) {
            answers.startClock();
        }
    }

    private TransmitBatch room() {
        if (batch == null) {
            batch = port.lend();
        } else if (batch.isFull()) {
            batch.send();
        }
        return batch;
    }

    // ---- answers

    @Override
    void receive(ReceivedPacket packet) {
        boolean notes = packet.opcode() == Opcodes.CNP;
        if (!reliable && (datagrams || !notes)) {
            counters.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR);
        } else if (!isSending(owner.state())) {
            counters.count(PacketCounter.DROPPED_STATE);
        } else if (packet.sourceGidLow() != connection.destinationGidLow()
                || packet.sourceGidHigh() != connection.destinationGidHigh()) {
            counters.count(PacketCounter.DROPPED_WRONG_PEER);
        } else if (notes) {
            answers.congested();
        } else {
            answers.receive(packet);
            owner.finishedWhatWasBegun();
        }
    }

    // ---- what others ask

    @Override
    boolean hasNext() {
        return ring.lpExecuted() != ring.laPosted();
    }

    @Override
    String describeNext() {
        return "";
    }

    @Override
    boolean isIdle() {
        return false; // what is sent is read from the ring: nothing is executed before it is written down
    }

    @Override
    boolean executeNow(SendRequest work, int bytes, SendQueue writer) {
        return false;
    }

    @Override
    boolean isSending(Request other) {
        return false;
    }

    @Override
    boolean isUnderWay() {
        return ring.lpExecuted() < flight.begun();
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return packets.refersTo(other) || answers.refersTo(other);
    }

    @Override
    void forgetMemory() {
        packets.forget();
        answers.forgetMemory();
    }

    @Override
    long timeoutRetries() {
        return answers.timeoutRetries();
    }

    @Override
    long notReadyRetries() {
        return answers.notReadyRetries();
    }

    @Override
    long dropped() {
        return 0;
    }
}
