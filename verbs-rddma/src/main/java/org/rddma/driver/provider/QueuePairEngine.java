package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.rddma.driver.CommandTemplate;
import org.rddma.driver.Commands;
import org.rddma.driver.Descriptor;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Connection;
import org.rddma.verbs.spi.QueuePairRules;
import org.rddma.verbs.spi.QueuePairStateRecord;

/**
 * A queue pair: its state, its control block, and who may touch what.
 *
 * <p>One lock, this object's monitor, for posters, dispatcher and timer; it is held for short times only, never while
 * somebody waits for the driver. Whoever resets or closes waits outside of it, for a bounded time, until the driver has
 * finished what was begun, and the peer has let go of the control block. They take turns under {@link #changing}.
 *
 * <p>A peer has something to say (an arrival, a failure, that it has let go) by ringing the bell: a bind of eight bytes
 * within the control block, of whose two events the dispatcher here has started one and waits for the reply. The ring
 * starts the other. Rings that come before the dispatcher has started its half again wait in the driver, so none is
 * lost. This takes one command at a time for each queue pair; posting a receive takes none. (A command that waits for
 * each posted receive would do too, but there is no way to take one back: a flush would have to start them all from
 * the other side.)
 */
final class QueuePairEngine {
    private static final long LOOK_AGAIN_MILLIS = 1;

    private final EngineConfig config;
    private final Connection connection = new Connection();
    private final ControlBlock block;
    private final SendQueue sends;
    private final ReceiveQueue receives;
    private final Requester requester;
    private final CommandTemplate park;
    private final Tag bell;

    /** Held by whoever changes the state from outside, in turn; taken before this object's monitor. */
    private final Object changing = new Object();

    private volatile QueuePairState state = QueuePairState.RESET;
    private volatile boolean destroyed;
    private boolean announcesDrained;
    private boolean isEstablished;
    private long heldSince;

    private QueuePairEngine(EngineConfig config, ControlBlock block, WorkRing receiveRing) {
        this.config = config;
        this.block = block;
        sends = new SendQueue(config);
        receives = new ReceiveQueue(config, receiveRing, block);
        requester = new Requester(this, config, connection, sends.ring());
        park = new CommandTemplate(Commands.eventStart(Names.bell(config.number()), Names.LOCATION));
        bell = config.session().tags().take(this::rung);
    }

    /**
     * Makes a queue pair in RESET.
     *
     * @return null when the number is taken
     */
    static QueuePairEngine create(EngineConfig config) {
        String verb = "createQueuePair";
        int number = config.number();
        WorkRing ring = ReceiveQueue.ring(config.sizes().maxReceiveRequests());
        int elements = config.sizes().maxReceiveElements();
        long bytes = ControlBlock.bytes(ring.capacity(), elements);
        if (bytes > Integer.MAX_VALUE) {
            throw new VerbsException(verb, Errno.ENOMEM, "receives of so many elements do not fit: ask for fewer");
        }
        ByteBuffer memory = config.buffers().create(Names.block(number), bytes, verb);
        if (memory == null) {
            return null;
        }
        ControlBlock block = ControlBlock.create(
                memory, number, config.context(), config.domain(), config.gid(), ring.capacity(), elements);
        QueuePairEngine made = new QueuePairEngine(config, block, ring);
        try {
            made.hangBell(verb);
            return made;
        } catch (RuntimeException e) {
            made.giveBack();
            throw e;
        }
    }

    private void hangBell(String verb) {
        int number = config.number();
        Descriptor own = Descriptor.of(Names.block(number), Names.LOCATION);
        config.session().require(verb, Commands.xferCreate(Names.transfer(number), Names.LOCATION));
        config.session()
                .require(
                        verb,
                        Commands.bindCreate(
                                Descriptor.of(Names.transfer(number), Names.LOCATION)
                                        .withExtent(ControlBlock.BELL_BYTES),
                                own.at(ControlBlock.BELL_DESTINATION, ControlBlock.BELL_BYTES),
                                Names.bell(number),
                                own.at(ControlBlock.BELL_SOURCE, ControlBlock.BELL_BYTES),
                                Names.ring(number)));
        config.session().send(park, bell);
    }

    int number() {
        return config.number();
    }

    QueuePairState state() {
        return state;
    }

    boolean signalAll() {
        return config.signalAll();
    }

    QueuePairCapabilities capabilities() {
        QueuePairCapabilities asked = config.sizes();
        return new QueuePairCapabilities(
                sends.ring().capacity(), receives.capacity(), asked.maxSendElements(), asked.maxReceiveElements(), 0);
    }

    // ---- posting

    synchronized SendRequest postSend(SendRequest first) {
        requireSendable(first);
        try {
            return sends.postChain(first);
        } finally {
            requester.run();
        }
    }

    synchronized boolean postAllSends(SendRequest first, int count) {
        requireSendable(first);
        try {
            return sends.postTogether(first, count) >= 0;
        } finally {
            requester.run();
        }
    }

    private void requireSendable(SendRequest first) {
        requireNotDestroyed("postSend");
        if (state == QueuePairState.RESET || state == QueuePairState.INIT || state == QueuePairState.RTR) {
            throw new VerbsException(
                    "postSend", Errno.EINVAL, "the queue pair is in " + state + ": take it to RTS first", first);
        }
    }

    private void requireNotDestroyed(String verb) {
        if (destroyed) {
            throw new VerbsException(verb, Errno.EBADF, "the queue pair is closed");
        }
    }

    synchronized ReceiveRequest postReceive(ReceiveRequest first) {
        requireNotDestroyed("postReceive");
        if (state == QueuePairState.RESET) {
            throw new VerbsException(
                    "postReceive", Errno.EINVAL, "the queue pair is in RESET: take it to INIT first", first);
        }
        try {
            return receives.post(first);
        } finally {
            flushReceives();
        }
    }

    // ---- news from the peer

    /** The bell has been rung. In the dispatcher. */
    private void rung(Tag tag, int result) {
        synchronized (this) {
            if (destroyed) {
                config.session().tags().free(tag);
                return;
            }
            if (result == 0 || result == -Errno.EIO) { // a copy that failed has rung all the same
                config.session().send(park, bell);
            } else {
                announce(AsyncEventType.QP_FATAL);
                boolean unused = toError(QueuePairStateRecord.DEVICE);
            }
            hear();
            notifyAll();
        }
    }

    private void hear() {
        boolean listening = state != QueuePairState.RESET && state != QueuePairState.ERR;
        if (listening && state == QueuePairState.RTR && !isEstablished && block.hasContact()) {
            isEstablished = true;
            announce(AsyncEventType.COMM_EST);
        }
        if (state != QueuePairState.RESET && !receives.completeArrivals()) {
            failed(QueuePairStateRecord.RECEIVE);
        }
        int failure = block.failure();
        if (failure != 0) {
            block.failure(0);
            if (listening) {
                announce(
                        failure == ControlBlock.FAILED_ACCESS
                                ? AsyncEventType.QP_ACCESS_ERR
                                : AsyncEventType.QP_REQ_ERR);
                failed(QueuePairStateRecord.PEER);
            }
        }
        flushReceives();
        requester.run();
    }

    private void announce(AsyncEventType type) {
        config.events().accept(type);
    }

    /** Looks whether somebody takes too long. In the dispatcher, now and then. */
    synchronized void checkTime(long now) {
        if (destroyed) {
            return;
        }
        requester.checkTime(now);
        if (state == QueuePairState.ERR && block.isHeld()) { // by a peer that may not exist any more
            if (heldSince == 0) {
                heldSince = now | 1;
            } else if (now - heldSince > config.timeoutNanos()) {
                block.endHold();
            }
        } else {
            heldSince = 0;
        }
        flushReceives();
    }

    // ---- failing

    /** Something outside of the queue pair has failed. */
    synchronized void failFromOutside(String why) {
        failed(why);
        requester.run();
    }

    /** Goes to the error state, and flushes the receives; the caller runs the send queue, and will flush it. */
    void failed(String why) {
        if (toError(why)) {
            flushReceives();
        }
    }

    private boolean toError(String why) {
        if (state == QueuePairState.RESET || state == QueuePairState.ERR) {
            return false;
        }
        enter(QueuePairState.ERR, why);
        return true;
    }

    private void enter(QueuePairState next, String why) {
        record(next, why);
        state = next;
        block.state(next.value());
    }

    private void record(QueuePairState next, String why) {
        QueuePairStateRecord.changed(config.number(), config.label(), state, next, why);
    }

    /** In the error state, unless the peer is still at work on a receive: then when it lets go. */
    private void flushReceives() {
        if (state == QueuePairState.ERR && !block.isHeld()) {
            boolean unused = receives.completeArrivals();
            receives.flush();
        }
    }

    // ---- modifying

    void modify(QueuePairAttributes attributes) {
        synchronized (changing) {
            synchronized (this) {
                requireNotDestroyed("modify");
                QueuePairState next = QueuePairRules.checkModify(QueuePairType.RC, state, attributes, config.limits());
                if (isDraining() && next != QueuePairState.ERR && next != QueuePairState.RESET) {
                    throw new VerbsException(
                            "modify",
                            Errno.EINVAL,
                            "the send queue still drains: wait for SQ_DRAINED, or go to ERR or RESET");
                }
                if (next != QueuePairState.RESET) {
                    apply(attributes, next);
                    return;
                }
                enter(QueuePairState.RESET, QueuePairStateRecord.MODIFY);
                requester.stopWaiting();
            }
            awaitStandstill();
            synchronized (this) {
                connection.apply(attributes);
                clear();
            }
        }
    }

    private void apply(QueuePairAttributes attributes, QueuePairState next) {
        connection.apply(attributes);
        requester.reconfigure(
                attributes.has(QueuePairAttributes.RETRY_COUNT) || attributes.has(QueuePairAttributes.RNR_RETRY),
                attributes.has(QueuePairAttributes.DESTINATION_QUEUE_PAIR)
                        || attributes.has(QueuePairAttributes.ADDRESS_VECTOR));
        block.connection(
                connection.accessFlags(),
                connection.maxDestReadAtomic(),
                connection.minRnrTimer(),
                connection.destinationQueuePair(),
                connection.destinationGidHigh(),
                connection.destinationGidLow());
        if (attributes.has(QueuePairAttributes.RQ_PSN)) {
            isEstablished = false;
            block.contact(false);
            block.failure(0);
            block.nextPsn(attributes.rqPsn());
        }
        if (attributes.has(QueuePairAttributes.SQ_PSN)) {
            requester.connect(attributes.sqPsn());
        }
        announcesDrained = next == QueuePairState.SQD
                && (state == QueuePairState.SQD ? announcesDrained : attributes.sqdAsyncNotify());
        enter(next, QueuePairStateRecord.MODIFY);
        finishedWhatWasBegun();
        flushReceives();
        requester.run();
    }

    private boolean isDraining() {
        return state == QueuePairState.SQD && requester.isUnderWay();
    }

    /** What was begun before SQD may be finished now. */
    void finishedWhatWasBegun() {
        if (announcesDrained && state == QueuePairState.SQD && !isDraining()) {
            announcesDrained = false;
            announce(AsyncEventType.SQ_DRAINED);
        }
    }

    synchronized QueuePairAttributes query() {
        requireNotDestroyed("query");
        return connection.query().state(state).draining(isDraining());
    }

    /** Waits until neither the driver nor the peer is at work here, but not for ever: one of them may be gone. */
    private synchronized void awaitStandstill() {
        long deadline = System.nanoTime() + config.timeoutNanos() + config.timeoutNanos() / 2;
        boolean interrupted = false;
        while ((requester.isBusy() || block.isHeld()) && !config.session().isLost()) {
            if (deadline - System.nanoTime() < 0) {
                break;
            }
            try {
                wait(LOOK_AGAIN_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        block.endHold();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void clear() {
        config.sends().settle(config.number());
        config.receives().settle(config.number());
        requester.clear();
        receives.clear();
        block.failure(0);
        announcesDrained = false;
    }

    // ---- closing

    /** Ends it: nothing is posted, executed or received any more. */
    void destroy() {
        synchronized (changing) {
            synchronized (this) {
                destroyed = true;
                record(QueuePairState.RESET, QueuePairStateRecord.CLOSE);
                state = QueuePairState.RESET;
                block.state(ControlBlock.GONE);
                requester.stopWaiting();
            }
            awaitStandstill();
            synchronized (this) {
                clear();
                requester.end();
            }
            giveBack();
        }
    }

    /** Gives the driver back what it holds for this; whoever waits for the bell is told that it is gone. */
    private void giveBack() {
        destroyed = true;
        DriverSession session = config.session();
        if (session.isLost()) {
            return;
        }
        try {
            String verb = "close";
            String transfer = Names.transfer(config.number());
            session.call(
                    verb,
                    Commands.bindDelete(transfer, Names.LOCATION, OptionalLong.of(0), OptionalLong.of(0xFFFF_FFFFL)));
            session.call(verb, Commands.xferDelete(transfer, Names.LOCATION));
            config.buffers().delete(Names.block(config.number()), verb);
        } catch (VerbsException e) {
            if (!session.isLost() && e.errno() != Errno.ETIMEDOUT) {
                throw e;
            }
            // the driver does not answer: nothing can be given back to it
        }
    }
}
