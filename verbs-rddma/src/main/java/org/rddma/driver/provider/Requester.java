package org.rddma.driver.provider;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import java.util.concurrent.Future;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.Connection;
import org.rddma.verbs.spi.QueuePairStateRecord;
import org.rddma.verbs.spi.RetryTimes;

/**
 * Executes the entries of a send queue in order, one at a time: so the order of a queue pair is kept, whatever replies
 * overtake each other.
 *
 * <pre>
 *              +--> SET_UP (the dispatcher looks up the peer, makes binds, or finds out why a copy failed)
 *              |       |
 *    IDLE -----+---> MOVING (the binds' event is started; its reply says that the bytes have moved)
 *      ^       |       |
 *      |       |     RINGING (of a message: its arrival is noted, the peer's bell is rung)
 *      |       |
 *      |       +---> WAITING (for a receive, or for the peer: tried again when the timer says)
 *      +-- finished
 * </pre>
 *
 * <p>The requester does what on a wire the peer's responder would do: it looks into the peer's control block and region
 * directory, takes the next receive, has the driver copy straight between the two ends' memory, and notes the arrival.
 * While it does that it holds the block, so that the peer neither reuses its receives nor goes away meanwhile. Then it
 * rings the peer's bell: an event whose other half the peer's dispatcher has started and waits for. The reply to that is
 * the peer's acknowledgement: a peer whose process is gone does not wait there any more.
 *
 * <p>All methods but the tasks of the dispatcher are called with the queue pair's lock held.
 */
final class Requester {
    private enum Phase {
        IDLE,
        SET_UP,
        MOVING,
        RINGING,
        WAITING
    }

    private static final long WAITING_FOR_EVER = Long.MAX_VALUE;
    private static final int ENDLESS_RNR_RETRIES = 7;
    private static final int PSN_MASK = 0xFFFFFF;
    private static final int RTR = QueuePairState.RTR.value();

    private static final int SEND = WorkRequestOpcode.SEND.value();
    private static final int SEND_WITH_IMM = WorkRequestOpcode.SEND_WITH_IMM.value();
    private static final int WRITE_WITH_IMM = WorkRequestOpcode.RDMA_WRITE_WITH_IMM.value();
    private static final int READ = WorkRequestOpcode.RDMA_READ.value();

    private final QueuePairEngine owner;
    private final EngineConfig config;
    private final Connection connection;
    private final WorkRing ring;
    private final Completer completions;
    private final DriverSession session;
    private final Segments here;
    private final Segments there;
    private final CopyPlan plan;
    private final BindCache binds;
    private final PeerBell bell;
    private final Runnable onTimer = this::timeIsUp;
    private final Runnable onFindPeer = this::findPeer;
    private final Runnable onMakeBinds = this::makeBinds;
    private final Runnable onLookAgain = this::lookAgain;

    private Phase phase = Phase.IDLE;
    private long waitUntil;
    private Future<?> timer;
    private boolean hasRetried;
    private int retriesLeft;
    private int rnrRetriesLeft;
    private int psn;
    private Peer peer;
    private ControlBlock held;
    private BindSet moving;
    private long movingSince;
    private int failure;
    private Tag tag;
    private long holds;
    private long hold;

    /** Whether the queue pair was reset meanwhile, and could not wait for what is under way any longer. */
    private boolean forsaken;

    // of the entry that is under way
    private int opcode;
    private int flags;
    private int bytes;
    private int immediate;
    private int packets;
    private long receive;

    Requester(QueuePairEngine owner, EngineConfig config, Connection connection, WorkRing ring) {
        this.owner = owner;
        this.config = config;
        this.connection = connection;
        this.ring = ring;
        completions = config.sends();
        session = config.session();
        here = new Segments(config.sizes().maxSendElements());
        there = new Segments(config.sizes().maxSendElements());
        plan = new CopyPlan(2 * config.sizes().maxSendElements());
        binds = new BindCache(session, config.number());
        bell = new PeerBell(owner, session, config.timeoutNanos(), this::acknowledged);
        tag = session.tags().take(this::replied);
    }

    // ---- for the queue pair

    void connect(int firstPsn) {
        psn = firstPsn;
    }

    void reconfigure(boolean retries, boolean destination) {
        if (retries) {
            resetRetries();
        }
        if (destination) {
            peer = null;
            bell.forget();
        }
    }

    /** Whether an entry is begun and not finished. */
    boolean isUnderWay() {
        return phase != Phase.IDLE;
    }

    /** Whether the dispatcher or the driver is at work on an entry. */
    boolean isBusy() {
        return phase == Phase.SET_UP || phase == Phase.MOVING;
    }

    /** Ends a wait for a receive or for the peer. */
    void stopWaiting() {
        if (phase == Phase.WAITING || phase == Phase.RINGING && owner.state() == QueuePairState.RESET) {
            phase = Phase.IDLE;
        }
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Forgets all entries, of which none is with the driver. */
    void clear() {
        stopWaiting();
        ring.clear();
        forsaken = isBusy();
        peer = null;
        bell.forget();
    }

    /** Nothing will be sent any more. */
    void end() {
        bell.end();
        if (phase == Phase.MOVING) { // a reply that is to come would find whoever has its number then
            tag.handler = (answered, result) -> session.tags().free(answered);
        } else {
            session.tags().free(tag);
        }
    }

    /** Executes what is posted, as far as that goes without waiting. */
    void run() {
        while (phase == Phase.IDLE || phase == Phase.WAITING) {
            long position = ring.lpExecuted();
            if (position == ring.lpPosted()) {
                return;
            }
            QueuePairState state = owner.state();
            if (state == QueuePairState.ERR) {
                stopWaiting();
                finish(position, WorkCompletionStatus.WR_FLUSH_ERR);
            } else if (state == QueuePairState.RTS || state == QueuePairState.SQD && phase == Phase.WAITING) {
                if (phase == Phase.WAITING && !isDue()) {
                    return;
                }
                begin(position);
            } else {
                return;
            }
        }
    }

    /** Looks whether the driver takes too long. Called by the dispatcher now and then. */
    void checkTime(long now) {
        if (bell.checkTime(now) && phase == Phase.RINGING) {
            fail(ring.lpExecuted(), WorkCompletionStatus.RETRY_EXC_ERR);
            settled();
        }
        if (phase == Phase.MOVING && now - movingSince > config.timeoutNanos()) {
            // what it copies, it may still copy: the event, the tag and the peer's block stay taken until it answers
            binds.abandon(moving);
            Tag late = tag;
            ControlBlock block = held;
            long holder = hold;
            late.handler = (answered, result) -> {
                boolean unused = block.letGo(holder);
                session.tags().free(answered);
            };
            tag = session.tags().take(this::replied);
            phase = Phase.IDLE;
            moving = null;
            if (forsaken) {
                forsaken = false;
            } else if (owner.state() != QueuePairState.RESET) {
                fail(ring.lpExecuted(), WorkCompletionStatus.RETRY_EXC_ERR);
            }
            settled();
        }
    }

    // ---- one entry

    private boolean isDue() {
        return waitUntil != WAITING_FOR_EVER && config.timer().nanoTime() - waitUntil >= 0;
    }

    private void timeIsUp() {
        synchronized (owner) {
            run();
        }
    }

    private void begin(long position) {
        ByteBuffer entries = ring.memory();
        int entry = ring.entry(position);
        int kind = Words.lpInt(entries, entry + KIND);
        opcode = opcode(kind);
        flags = flags(kind);
        bytes = Words.lpInt(entries, entry + DATA_BYTES);
        immediate = Words.lpInt(entries, entry + IMMEDIATE);
        long total = Integer.toUnsignedLong(bytes);
        packets = total == 0 ? 1 : (int) (total - 1 >>> connection.mtuShift()) + 1;
        int rights = opcode == READ ? AccessFlags.LOCAL_WRITE : 0;
        if (!here.load(entries, entry + DATA, elements(kind), config.regions(), config.domain(), rights)) {
            fail(position, WorkCompletionStatus.LOC_PROT_ERR);
        } else if (opcode == READ && connection.maxReadAtomic() == 0) {
            fail(position, WorkCompletionStatus.LOC_QP_OP_ERR); // it could never be sent
        } else if (bell.isDeaf()) {
            fail(position, WorkCompletionStatus.RETRY_EXC_ERR);
        } else if (peer == null || peer.block.state() == ControlBlock.GONE) {
            phase = Phase.SET_UP;
            session.execute(onFindPeer);
        } else {
            attempt(position);
        }
    }

    /** In the dispatcher. */
    private void findPeer() {
        Peer found = null;
        try {
            found = Peer.find(config.buffers(), connection.destinationQueuePair());
        } catch (RuntimeException | OutOfMemoryError e) {
            // the driver does not answer, or the peer's memory cannot be mapped: as if nobody were there
        }
        synchronized (owner) {
            if (endsForsaken()) {
                return;
            }
            phase = Phase.IDLE;
            if (mayGoOn()) {
                peer = found;
                if (found == null) {
                    lost(ring.lpExecuted());
                } else {
                    attempt(ring.lpExecuted());
                }
            }
            settled();
        }
    }

    /** Whether what was begun is still to be done: the queue pair may have been reset, or have failed. */
    private boolean mayGoOn() {
        return owner.state() == QueuePairState.RTS || owner.state() == QueuePairState.SQD;
    }

    /** True for what was begun before a reset that has not waited for its end: it is nobody's entry any more. */
    private boolean endsForsaken() {
        if (!forsaken) {
            return false;
        }
        forsaken = false;
        moving = null;
        phase = Phase.IDLE;
        if (held != null) {
            boolean unused = held.letGo(hold);
        }
        settled();
        return true;
    }

    /** An entry has left the hands of dispatcher and driver: the queue goes on, and whoever waits for that looks. */
    private void settled() {
        run();
        owner.notifyAll();
    }

    private void attempt(long position) {
        ControlBlock block = peer.block;
        if (!isHeard(block) || !takeHold(block)) {
            lost(position);
            return;
        }
        if (!isHeard(block) || block.nextPsn() != psn) {
            letGo();
            lost(position);
            return;
        }
        if (block.state() == RTR && !block.hasContact()) {
            block.contact(true);
            bell.ring(peer);
        }
        if (opcode == SEND || opcode == SEND_WITH_IMM) {
            send(position, block);
        } else if (opcode == READ) {
            read(position, block);
        } else {
            write(position, block);
        }
    }

    private boolean isHeard(ControlBlock block) {
        return block.isListening()
                && block.isAt(connection.destinationGidHigh(), connection.destinationGidLow())
                && block.hears(
                        config.number(), config.gid().high(), config.gid().low());
    }

    private boolean takeHold(ControlBlock block) {
        hold = (long) config.number() << 32 | ++holds & 0x7FFF_FFFFL;
        held = block;
        return block.hold(hold);
    }

    private void letGo() {
        boolean unused = peer.block.letGo(hold);
        if (!peer.block.isListening()) { // its owner waits for this
            bell.ring(peer);
        }
    }

    private void send(long position, ControlBlock block) {
        receive = block.taken();
        if (!block.isPosted(receive)) {
            notReady(position, block);
        } else if (!loadReceive(block)) {
            refuseReceive(position, WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionStatus.REM_OP_ERR);
        } else if (Integer.toUnsignedLong(bytes) > there.total()) {
            refuseReceive(position, WorkCompletionStatus.LOC_LEN_ERR, WorkCompletionStatus.REM_INV_REQ_ERR);
        } else {
            move(position, true);
        }
    }

    private boolean loadReceive(ControlBlock block) {
        return there.load(
                block.memory,
                block.receiveElements(receive),
                block.receiveElementCount(receive),
                peer.regions,
                block.domain(),
                AccessFlags.LOCAL_WRITE);
    }

    private void write(long position, ControlBlock block) {
        receive = block.taken();
        if ((block.access() & AccessFlags.REMOTE_WRITE) == 0) {
            refuse(position, ControlBlock.FAILED_REQUEST, WorkCompletionStatus.REM_INV_REQ_ERR);
        } else if (opcode == WRITE_WITH_IMM && !block.isPosted(receive)) {
            notReady(position, block);
        } else if (!loadRemote(position, block, AccessFlags.REMOTE_WRITE)) {
            refuseMemory(position);
        } else {
            move(position, true);
        }
    }

    private void read(long position, ControlBlock block) {
        if ((block.access() & AccessFlags.REMOTE_READ) == 0 || block.mostReads() == 0) {
            refuse(position, ControlBlock.FAILED_REQUEST, WorkCompletionStatus.REM_INV_REQ_ERR);
        } else if (!loadRemote(position, block, AccessFlags.REMOTE_READ)) {
            refuseMemory(position);
        } else {
            move(position, false);
        }
    }

    private boolean loadRemote(long position, ControlBlock block, int rights) {
        there.clear();
        int entry = ring.entry(position);
        return bytes == 0 // nothing moves: the key is not looked at
                || there.add(
                        peer.regions,
                        block.domain(),
                        rights,
                        Words.lpInt(ring.memory(), entry + REMOTE_KEY),
                        Words.lpLong(ring.memory(), entry + REMOTE_ADDRESS),
                        Integer.toUnsignedLong(bytes));
    }

    private void move(long position, boolean toPeer) {
        if (bytes == 0) {
            succeed(position);
            return;
        }
        int peerContext = peer.block.context();
        if (toPeer) {
            plan.lay(peerContext, there, config.context(), here);
        } else {
            plan.lay(config.context(), here, peerContext, there);
        }
        BindSet known = binds.find(plan);
        if (known == null) {
            phase = Phase.SET_UP;
            session.execute(onMakeBinds);
        } else {
            start(known);
        }
    }

    private void start(BindSet set) {
        moving = set;
        movingSince = System.nanoTime();
        phase = Phase.MOVING;
        session.send(set.start(), tag);
    }

    /** In the dispatcher. */
    private void makeBinds() {
        BindSet made = null;
        int fault = -Errno.EIO;
        try {
            made = binds.make(plan);
            fault = made == null ? binds.lastRefusal() : 0;
        } catch (RuntimeException | OutOfMemoryError e) { // whatever it is, the request must end
            fault = -Errno.ETIMEDOUT;
        }
        if (made == null) {
            failure = fault;
            lookAgain();
            return;
        }
        synchronized (owner) {
            if (endsForsaken()) {
                return;
            }
            phase = Phase.IDLE;
            if (mayGoOn()) {
                start(made);
            } else {
                letGo();
            }
            settled();
        }
    }

    /** The reply to the start of an event. In the dispatcher. */
    private void replied(Tag answered, int result) {
        synchronized (owner) {
            if (answered != tag || phase != Phase.MOVING) {
                return;
            }
            if (endsForsaken()) {
                return;
            }
            if (result != 0) {
                failure = result;
                phase = Phase.SET_UP;
                session.execute(onLookAgain);
                return;
            }
            phase = Phase.IDLE;
            succeed(ring.lpExecuted());
            settled();
        }
    }

    /** The driver has refused binds, or a copy has failed: because memory is gone? In the dispatcher. */
    private void lookAgain() {
        boolean reads = opcode == READ;
        boolean missingHere = false;
        boolean missingThere = false;
        try {
            if (moving != null) {
                binds.forget(moving);
            }
            missingHere = binds.isMissing(plan, reads);
            missingThere = !missingHere && binds.isMissing(plan, !reads);
        } catch (RuntimeException | OutOfMemoryError e) {
            failure = -Errno.ETIMEDOUT;
        }
        synchronized (owner) {
            if (endsForsaken()) {
                return;
            }
            moving = null;
            phase = Phase.IDLE;
            long position = ring.lpExecuted();
            if (owner.state() == QueuePairState.RESET) {
                letGo();
            } else if (missingHere) {
                letGo();
                fail(position, WorkCompletionStatus.LOC_PROT_ERR);
            } else if (!missingThere) {
                letGo();
                fail(position, statusOf(failure));
            } else if (opcode == SEND || opcode == SEND_WITH_IMM) {
                refuseReceive(position, WorkCompletionStatus.LOC_PROT_ERR, WorkCompletionStatus.REM_OP_ERR);
            } else {
                refuseMemory(position);
            }
            settled();
        }
    }

    /** What the driver's result means when all memory is there. */
    private static WorkCompletionStatus statusOf(int result) {
        return switch (result) {
            case -Errno.EIO, -Errno.ETIMEDOUT -> WorkCompletionStatus.RETRY_EXC_ERR;
            case -Errno.EINVAL, -Errno.ENOMEM, -Errno.ENOSPC, -Errno.EAGAIN -> WorkCompletionStatus.LOC_QP_OP_ERR;
            case -Errno.ENODEV -> WorkCompletionStatus.REM_INV_REQ_ERR;
            case 1 -> WorkCompletionStatus.GENERAL_ERR;
            default -> WorkCompletionStatus.FATAL_ERR;
        };
    }

    // ---- the ends of an entry

    private boolean isMessage() {
        return opcode == SEND || opcode == SEND_WITH_IMM || opcode == WRITE_WITH_IMM;
    }

    private void succeed(long position) {
        ControlBlock block = peer.block;
        if (!block.isHeldBy(hold)) { // the peer has not waited any longer
            fail(position, WorkCompletionStatus.RETRY_EXC_ERR);
            return;
        }
        moving = null;
        block.nextPsn(block.nextPsn() + packets & PSN_MASK);
        psn = psn + packets & PSN_MASK;
        if (isMessage()) {
            arrive(block, WorkCompletionStatus.SUCCESS, bytes);
        }
        boolean unused = block.letGo(hold);
        if (isMessage()) {
            phase = Phase.RINGING;
            bell.ringForAnswer(peer);
            return;
        }
        if (!block.isListening()) {
            bell.ring(peer);
        }
        finishWell(position);
    }

    /** The peer has heard the bell, or there is none any more. In the dispatcher, with the lock held. */
    private void acknowledged(boolean heard) {
        if (phase != Phase.RINGING) {
            return;
        }
        long position = ring.lpExecuted();
        if (heard || peer.block.state() != ControlBlock.GONE) {
            finishWell(position);
        } else {
            fail(position, WorkCompletionStatus.RETRY_EXC_ERR);
        }
        settled();
    }

    private void finishWell(long position) {
        phase = Phase.IDLE;
        boolean retried = hasRetried;
        if (retried) {
            resetRetries();
        }
        if (!config.signalAll() && (flags & SendFlags.SIGNALED) == 0) {
            ring.soExecuted(position, WorkRing.UNSIGNALED);
        } else if (!complete(position, WorkCompletionStatus.SUCCESS, bytes, false)) {
            owner.failed(QueuePairStateRecord.OVERRUN);
        }
        owner.finishedWhatWasBegun(); // after its completion: who hears of it finds all of them
    }

    private void arrive(ControlBlock block, WorkCompletionStatus status, int length) {
        WorkCompletionOpcode kind =
                opcode == WRITE_WITH_IMM ? WorkCompletionOpcode.RECV_RDMA_WITH_IMM : WorkCompletionOpcode.RECV;
        boolean solicited = status != WorkCompletionStatus.SUCCESS || (flags & SendFlags.SOLICITED) != 0;
        boolean carriesImmediate = status == WorkCompletionStatus.SUCCESS && opcode != SEND;
        block.taken(receive + 1);
        block.arrive(
                receive,
                status.value(),
                kind.value()
                        | (solicited ? ControlBlock.SOLICITED : 0)
                        | (carriesImmediate ? ControlBlock.IMMEDIATE : 0),
                length,
                immediate);
    }

    /** The peer's receive, or what it was for, is no good: both fail. */
    private void refuseReceive(long position, WorkCompletionStatus there, WorkCompletionStatus here) {
        if (peer.block.isHeldBy(hold)) {
            arrive(peer.block, there, 0);
        }
        boolean unused = peer.block.letGo(hold);
        bell.ring(peer);
        fail(position, here);
    }

    private void refuseMemory(long position) {
        if (opcode == WRITE_WITH_IMM) {
            refuseReceive(position, WorkCompletionStatus.LOC_ACCESS_ERR, WorkCompletionStatus.REM_ACCESS_ERR);
        } else {
            refuse(position, ControlBlock.FAILED_ACCESS, WorkCompletionStatus.REM_ACCESS_ERR);
        }
    }

    private void refuse(long position, int failureThere, WorkCompletionStatus status) {
        peer.block.failure(failureThere);
        boolean unused = peer.block.letGo(hold);
        bell.ring(peer);
        fail(position, status);
    }

    private void notReady(long position, ControlBlock block) {
        int code = block.minRnrTimer();
        letGo();
        if (rnrRetriesLeft == 0) {
            fail(position, WorkCompletionStatus.RNR_RETRY_EXC_ERR);
            return;
        }
        if (connection.rnrRetry() != ENDLESS_RNR_RETRIES) {
            rnrRetriesLeft--;
        }
        waitFor(RetryTimes.nanos(code));
    }

    private void lost(long position) {
        if (connection.timeout() == 0) {
            hasRetried = true;
            phase = Phase.WAITING;
            waitUntil = WAITING_FOR_EVER; // until the queue pair fails, is reset or closed
        } else if (retriesLeft == 0) {
            fail(position, WorkCompletionStatus.RETRY_EXC_ERR);
        } else {
            retriesLeft--;
            peer = null; // it may have come meanwhile
            waitFor(RetryTimes.timeoutNanos(connection.timeout()));
        }
    }

    private void waitFor(long nanos) {
        stopWaiting();
        hasRetried = true;
        phase = Phase.WAITING;
        long until = config.timer().nanoTime() + nanos;
        waitUntil = until == WAITING_FOR_EVER ? until + 1 : until;
        timer = config.timer().schedule(onTimer, nanos);
    }

    private void resetRetries() {
        hasRetried = false;
        retriesLeft = connection.retryCount();
        rnrRetriesLeft = connection.rnrRetry();
    }

    private void fail(long position, WorkCompletionStatus status) {
        stopWaiting();
        finish(position, status);
        owner.failed(status.name());
    }

    private void finish(long position, WorkCompletionStatus status) {
        phase = Phase.IDLE;
        opcode = opcode(Words.lpInt(ring.memory(), ring.entry(position) + KIND));
        boolean unused = complete(position, status, 0, true);
    }

    private boolean complete(long position, WorkCompletionStatus status, int length, boolean solicited) {
        WorkCompletionOpcode kind = opcode == READ
                ? WorkCompletionOpcode.RDMA_READ
                : opcode == SEND || opcode == SEND_WITH_IMM
                        ? WorkCompletionOpcode.SEND
                        : WorkCompletionOpcode.RDMA_WRITE;
        return completions.complete(
                Words.lpLong(ring.memory(), ring.entry(position) + WR_ID),
                status.value(),
                kind.value(),
                0,
                length,
                0,
                config.number(),
                0,
                0,
                solicited,
                ring,
                position);
    }
}
