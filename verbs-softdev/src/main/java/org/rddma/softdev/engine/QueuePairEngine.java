package org.rddma.softdev.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketSink;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.ring.SpinLock;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.Connection;
import org.rddma.verbs.spi.QueuePairRules;
import org.rddma.verbs.spi.QueuePairStateRecord;

/** A queue pair: its state, and who may touch which part of it. */
public final class QueuePairEngine implements PacketSink {
    /*
     * Rights, taken in this order:
     *
     *   the doorbell        to write into the send queue, and to run it
     *   the responder lock  to carry out a peer's request, to complete receives, to change the connection
     *   the post lock       to write into the receive queue
     *   locks of completion queues and channels, inside of verbs-api
     *
     * Nobody who holds a responder lock waits for a doorbell: a responder that fails tells its own send queue by
     * ringing, which never waits, and only after it has given up the lock. So two queue pairs that send to each other
     * in two threads cannot block each other.
     *
     * The state is written with compare-and-set, because requester, responder and modify() may want to at the same
     * time: a failure never overwrites RESET, and nothing but modify() leaves ERR.
     */
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(QueuePairEngine.class, "state", QueuePairState.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How many entries of others a thread executes before it leaves them to another. */
    private static final int ROUND = 64;

    private final EngineConfig config;
    private final Connection connection = new Connection();
    private final Doorbell doorbell = new Doorbell();
    private final SpinLock responderLock = new SpinLock();
    private final SendQueue sends;
    private final Receives receives;
    private final SendSide requester;
    private final ReceiveSide responder;
    private final Runnable onBusy = this::ringDoorbell;

    /** Null where entries are executed at once. */
    private final ExecutionSchedule schedule;

    private volatile QueuePairState state = QueuePairState.RESET;
    private volatile boolean destroyed;

    /** Whether an event is to say when what was begun before SQD is finished; guarded by the doorbell. */
    private boolean announcesDrained;

    /** Whether the responder failed and the send queue does not know yet; guarded by the responder lock. */
    private boolean sendsToFlush;

    /**
     * A queue pair in RESET.
     *
     * @param config what it is made of
     */
    public QueuePairEngine(EngineConfig config) {
        this.config = config;
        schedule = config.schedule();
        sends = new SendQueue(config);
        boolean hasOwnReceives = config.shared() == null
                && config.type() != QueuePairType.XRC_SEND
                && config.type() != QueuePairType.XRC_RECV;
        receives = hasOwnReceives ? new ReceiveQueue(config) : new SharedReceiveView(config);
        if (config.port() == null) {
            requester = new Requester(this, config, connection, sends);
            responder = new Responder(this, config, connection, receives);
        } else {
            requester = new PacketRequester(this, config, connection, sends);
            responder = PacketResponder.of(this, config, connection, receives);
        }
    }

    /**
     * Its number.
     *
     * @return by which peers name it
     */
    public int number() {
        return config.number();
    }

    /**
     * What it is made of.
     *
     * @return as given
     */
    public EngineConfig config() {
        return config;
    }

    /**
     * Its state now.
     *
     * @return the state
     */
    public QueuePairState state() {
        return state;
    }

    /**
     * Whether it is gone.
     *
     * @return true once it is
     */
    public boolean isDestroyed() {
        return destroyed;
    }

    /**
     * What it really has.
     *
     * @return its sizes
     */
    public QueuePairCapabilities capabilities() {
        QueuePairCapabilities asked = config.sizes();
        return new QueuePairCapabilities(
                sends.ring().capacity(),
                receives.capacity(),
                asked.maxSendElements(),
                receives.capacity() == 0 ? 0 : asked.maxReceiveElements(),
                asked.maxInlineData());
    }

    // ---- for those who only look

    /**
     * The ring of the send queue.
     *
     * @return always the same
     */
    public WorkRing sendRing() {
        return sends.ring();
    }

    /**
     * The ring of the receive queue.
     *
     * @return null when it has none of its own
     */
    public WorkRing receiveRing() {
        return receives.ring();
    }

    /**
     * How often a request was sent again because nobody answered.
     *
     * @return since it was made
     */
    public long timeoutRetries() {
        return requester.timeoutRetries();
    }

    /**
     * How often a request was sent again because the peer was not ready.
     *
     * @return since it was made
     */
    public long notReadyRetries() {
        return requester.notReadyRetries();
    }

    /**
     * Messages that nobody took and nobody misses.
     *
     * @return since it was made
     */
    public long dropped() {
        return requester.dropped();
    }

    // ---- posting

    /**
     * Posts sends, and executes them unless another thread is at it.
     *
     * @param first the chain
     * @return null, or the first that did not fit
     */
    public SendRequest postSend(SendRequest first) {
        if (schedule != null) {
            return postForSchedule(first);
        }
        boolean runs = doorbell.beginPost();
        boolean isShort = false;
        try {
            requireSendable(first);
            SendRequest rest = sends.post(first, runs, requester);
            isShort = sends.lastPostWasShort();
            return rest;
        } finally {
            if (!runs) {
                if (doorbell.endPostForRunner()) {
                    runAllPosted();
                }
            } else if (isShort) {
                runAndEndPost();
            } else {
                doorbell.endPostKeepRun();
                runAllPosted();
            }
        }
    }

    /**
     * Posts a chain, or nothing of it.
     *
     * @param first the chain
     * @param count how many it has
     * @return false when there is no room for all of it
     */
    public boolean postAllSends(SendRequest first, int count) {
        return postTogether(first, count, false);
    }

    /**
     * Posts the bind of a window of type 1.
     *
     * @param bind the request
     * @return false when there is no room
     */
    public boolean postBind(SendRequest bind) {
        return postTogether(bind, 1, true);
    }

    private boolean postTogether(SendRequest first, int count, boolean bindsTypeOne) {
        boolean runs = doorbell.beginPost();
        try {
            requireSendable(first);
            return bindsTypeOne ? sends.postBind(first) : sends.postAll(first, count);
        } finally {
            if (runs) {
                doorbell.endPostKeepRun();
                runAllPosted();
            } else if (doorbell.endPostForRunner()) {
                runAllPosted();
            }
        }
    }

    private SendRequest postForSchedule(SendRequest first) {
        boolean runs = doorbell.beginPost();
        try {
            requireSendable(first);
            return sends.post(first, false, requester);
        } finally {
            if (runs) {
                doorbell.endPostAndRun();
            } else if (doorbell.endPostForRunner()) {
                doorbell.abandonRun();
            }
            schedule.wake(this);
        }
    }

    private void requireSendable(SendRequest first) {
        QueuePairState current = state;
        if (current == QueuePairState.RESET || current == QueuePairState.INIT || current == QueuePairState.RTR) {
            requireNotDestroyed("postSend");
            throw new VerbsException(
                    "postSend", Errno.EINVAL, "the queue pair is in " + current + ": take it to RTS first", first);
        }
    }

    /** Who checked before and comes too late must not be told that a closed queue pair is in RESET. */
    void requireNotDestroyed(String verb) {
        if (destroyed) {
            throw new VerbsException(verb, Errno.EBADF, "the queue pair is closed");
        }
    }

    /**
     * Posts receives.
     *
     * @param first the chain
     * @return null, or the first that did not fit
     */
    public ReceiveRequest postReceive(ReceiveRequest first) {
        try {
            return receives.post(first, this);
        } finally {
            if (state == QueuePairState.ERR) {
                flushReceives();
            }
        }
    }

    /** Executes what is posted, or sees to it that another thread does. Waits for nobody. */
    public void ringDoorbell() {
        if (schedule != null) {
            schedule.wake(this);
            return;
        }
        switch (doorbell.ring()) {
            case RUN -> run(sends.ring().lpExecuted() + ROUND);
            case BUSY -> {
                var unused = config.timer().schedule(onBusy, 0);
            }
            case LEFT_TO_RUNNER -> {}
        }
    }

    /** Executes all that is posted by now, and some of what others post meanwhile. */
    private void runAllPosted() {
        if (schedule != null) {
            doorbell.abandonRun();
            schedule.wake(this);
            return;
        }
        run(sends.ring().laPosted() + ROUND);
    }

    /**
     * Executes entries up to a limit, because others who post meanwhile could keep this thread here for ever. What is
     * left then is for the timer's thread, a round at a time.
     */
    private void run(long limit) {
        boolean ended = false;
        boolean drained = true;
        try {
            do {
                drained = requester.run(limit);
                ended = drained && doorbell.endRun();
            } while (drained && !ended);
        } finally {
            if (!ended) { // also out of memory or stack: others must still be able to close this
                doorbell.abandonRun();
            }
        }
        if (!drained && !doorbell.isWanted()) { // who wants the doorbell runs what is left
            var unused = config.timer().schedule(onBusy, 0);
        }
    }

    private void runAndEndPost() {
        boolean drained = true;
        try {
            drained = requester.run(Long.MAX_VALUE);
        } finally {
            doorbell.endPostAndRun();
        }
        if (!drained && !doorbell.isWanted()) {
            ringDoorbell();
        }
    }

    /** Waits until a request that is being carried out here now is done. */
    public void awaitResponder() {
        responderLock.lock();
        responderLock.unlock();
    }

    /** Announces what has happened to this queue pair. Never waits. */
    void announce(AsyncEventType type) {
        config.events().accept(type);
    }

    // ---- with a schedule

    /**
     * Whether there is an entry that could be executed now.
     *
     * @return false while there is nothing, or what there is must wait
     */
    public boolean hasNext() {
        return requester.hasNext();
    }

    /**
     * Executes one entry.
     *
     * @return the entry in words; null when there was none, or somebody else is at work on this queue pair, who will
     *     wake the schedule
     */
    public String executeNext() {
        if (doorbell.ring() != Doorbell.Ring.RUN) {
            return null;
        }
        try {
            if (doorbell.isWanted() || !requester.hasNext()) {
                return null;
            }
            String entry = requester.describeNext();
            boolean unused = requester.run(sends.ring().lpExecuted() + 1);
            return entry;
        } finally {
            doorbell.abandonRun();
        }
    }

    /**
     * Whether it would hear a request: of a reliable one, whether it would answer.
     *
     * @param request to be delivered to it
     * @return false when it is in no state to receive, or not connected to the sender
     */
    public boolean listensTo(Request request) {
        return !destroyed && responder.listensTo(request);
    }

    /**
     * How long its peers are asked to wait when it has no receive.
     *
     * @return a code of the InfiniBand table
     */
    public int minRnrTimer() {
        return connection.minRnrTimer();
    }

    boolean isWanted() {
        return doorbell.isWanted();
    }

    // ---- receiving

    /**
     * Carries out a peer's request.
     *
     * @param request what it asks for
     * @return one of {@link Response}
     */
    public int receive(Request request) {
        boolean failed;
        responderLock.lock();
        try {
            return responder.receive(request);
        } finally {
            failed = sendsToFlush;
            if (failed) { // not written otherwise: the owner's thread reads what is beside it
                sendsToFlush = false;
            }
            responderLock.unlock();
            if (failed) {
                flushSendsAfter(request);
            }
        }
    }

    /** Apart from the common way, into which a call that never happens there could not be compiled. */
    private void flushSendsAfter(Request request) {
        if (!requester.isSending(request)) { // to itself: then it is running already
            ringDoorbell();
        }
    }

    /** A peer's packet: a response is for the send queue, everything else for the responder. */
    @Override
    public void receive(ReceivedPacket packet, TransmitBatch answers) {
        if (Opcodes.isResponse(packet.opcode()) || packet.opcode() == Opcodes.CNP) {
            receiveResponse(packet);
            return;
        }
        boolean failed;
        responderLock.lock();
        try {
            responder.receive(packet, answers);
        } finally {
            failed = sendsToFlush;
            sendsToFlush = false;
            responderLock.unlock();
            if (failed) {
                ringDoorbell();
            }
        }
    }

    private void receiveResponse(ReceivedPacket packet) {
        doorbell.lockAll();
        try {
            if (!destroyed) {
                requester.receive(packet);
            }
        } finally {
            doorbell.endPostKeepRun();
            runAllPosted();
        }
    }

    @Override
    public boolean endRound(TransmitBatch answers) {
        boolean failed;
        responderLock.lock();
        try {
            return !destroyed && responder.endRound(answers);
        } finally {
            failed = sendsToFlush;
            sendsToFlush = false;
            responderLock.unlock();
            if (failed) {
                ringDoorbell();
            }
        }
    }

    // ---- failing

    /**
     * Goes to the error state and flushes both queues: something outside of the queue pair has failed.
     *
     * @param why what has failed
     */
    public void failFromOutside(String why) {
        lockEverything();
        try {
            boolean unused = toError(why);
        } finally {
            unlockEverything();
        }
    }

    /** Goes to the error state and flushes the receive queue; the caller runs the send queue, and will flush it. */
    void failRunning(String why) {
        if (toError(why)) {
            flushReceives();
        }
    }

    /** Goes to the error state and flushes the receive queue; the caller holds the responder lock. */
    void failReceiving(String why) {
        if (toError(why)) {
            responder.abort();
            receives.flush();
            sendsToFlush = true;
        }
    }

    /** The send queue of an unreliable queue pair stops; it goes on receiving. */
    void failSendQueue(String why) {
        if (STATE.compareAndSet(this, QueuePairState.RTS, QueuePairState.SQE)) {
            record(QueuePairState.RTS, QueuePairState.SQE, why);
        }
    }

    /** Goes to the error state; true when the receives are to be flushed for it. */
    boolean toError(String why) {
        while (true) {
            QueuePairState current = state;
            if (current == QueuePairState.RESET || current == QueuePairState.ERR) {
                return false;
            }
            if (STATE.compareAndSet(this, current, QueuePairState.ERR)) {
                record(current, QueuePairState.ERR, why);
                return true;
            }
        }
    }

    private void record(QueuePairState from, QueuePairState to, String why) {
        QueuePairStateRecord.changed(config.number(), config.label(), from, to, why);
    }

    /** Flushes the receive queue of a queue pair that has failed; the caller may hold the right to run. */
    void flushReceives() {
        responderLock.lock();
        try {
            if (state == QueuePairState.ERR) {
                responder.abort();
                receives.flush();
            }
        } finally {
            responderLock.unlock();
        }
    }

    // ---- modifying

    /**
     * Changes attributes and state, or nothing.
     *
     * @param attributes what to change
     */
    public void modify(QueuePairAttributes attributes) {
        lockEverything();
        try {
            requireNotDestroyed("modify");
            QueuePairState next = QueuePairRules.checkModify(config.type(), state, attributes, config.limits());
            if (isDraining() && next != QueuePairState.ERR && next != QueuePairState.RESET) {
                throw new VerbsException(
                        "modify",
                        Errno.EINVAL,
                        "the send queue still drains: wait for SQ_DRAINED, or go to ERR or RESET");
            }
            apply(attributes, next);
        } finally {
            unlockEverything();
        }
    }

    private void apply(QueuePairAttributes attributes, QueuePairState next) {
        connection.apply(attributes);
        requester.reconfigure(attributes);
        if (attributes.has(QueuePairAttributes.RQ_PSN)) {
            responder.connect(attributes.rqPsn());
        }
        if (attributes.has(QueuePairAttributes.SQ_PSN)) {
            requester.connect(attributes.sqPsn());
        }
        if (next == QueuePairState.RESET) {
            clear();
        }
        announcesDrained = next == QueuePairState.SQD
                && (state == QueuePairState.SQD ? announcesDrained : attributes.sqdAsyncNotify());
        record((QueuePairState) STATE.getAndSet(this, next), next, QueuePairStateRecord.MODIFY);
        finishedWhatWasBegun();
    }

    private boolean isDraining() {
        return state == QueuePairState.SQD && requester.isUnderWay();
    }

    /** What was begun before SQD may be finished now. The caller holds the right to run. */
    void finishedWhatWasBegun() {
        if (announcesDrained && state == QueuePairState.SQD && !isDraining()) {
            announcesDrained = false;
            announce(AsyncEventType.SQ_DRAINED);
        }
    }

    /**
     * Its attributes.
     *
     * @return a copy
     */
    public QueuePairAttributes query() {
        lockEverything();
        try {
            requireNotDestroyed("query");
            return connection.query().state(state).draining(isDraining());
        } finally {
            unlockEverything();
        }
    }

    /** Ends it: nothing is posted, executed or received any more. */
    public void destroy() {
        lockEverything();
        try {
            destroyed = true;
            record(
                    (QueuePairState) STATE.getAndSet(this, QueuePairState.RESET),
                    QueuePairState.RESET,
                    QueuePairStateRecord.CLOSE);
            clear();
        } finally {
            unlockEverything();
        }
    }

    private void clear() {
        for (Completer completions : new Completer[] {config.sends(), config.receives()}) {
            if (completions != null) { // one side of an extended reliable connection has none
                completions.settle(config.number());
            }
        }
        requester.clear();
        responder.clear();
        receives.clear();
    }

    /**
     * Waits until nothing here uses memory that has been withdrawn from the device before, and lets go of it.
     *
     * @param memory what was withdrawn
     */
    public void release(ByteBuffer memory) {
        if (!doorbell.isTaken()
                && !responderLock.isLocked()
                && !requester.refersTo(memory)
                && !responder.refersTo(memory)) {
            return;
        }
        lockEverything();
        try {
            requester.forgetMemory();
            responder.forgetMemory();
        } finally {
            unlockEverything();
        }
    }

    private void lockEverything() {
        doorbell.lockAll();
        responderLock.lock();
        receives.lockPosters();
    }

    private void unlockEverything() {
        receives.unlockPosters();
        if (state == QueuePairState.ERR) {
            responder.abort();
            receives.flush();
        }
        responderLock.unlock();
        doorbell.endPostKeepRun();
        runAllPosted();
    }
}
