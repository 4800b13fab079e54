package org.rddma.verbs.app;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;

/**
 * A queue pair each of whose work requests has a future. Safe for use by many threads, platform or virtual; a request
 * must not be changed by others while it is being submitted, and may be reused as soon as that returns.
 *
 * <p>Every send is signalled, whatever its flags say: there is no other way to know that it is done. The ids of the
 * requests are the program's own in its completions; on the queue pair they are replaced meanwhile.
 *
 * <p>A queue that is full holds up whoever submits to it: {@link #send(SendRequest)} parks the thread, {@link #trySend}
 * returns null. A thread that is parked is woken by an interrupt and by {@link #close()}.
 *
 * <p>The queue pair stays the program's: it is connected, changed and closed by it, after this object. Requests that are
 * posted to it directly take room that this object does not know of; it copes, and gives their completions to {@link
 * FutureOptions#others()}.
 */
public final class FutureQueuePair implements AutoCloseable {
    private static final String VERB = "FutureQueuePair";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Futures futures;
    private final QueuePair queuePair;

    /** How many completions it may have in each completion queue. */
    private final Map<CompletionQueue, Integer> promises;

    private final RequestLane sends;
    private final RequestLane receives;
    private final AtomicBoolean closed = new AtomicBoolean();

    FutureQueuePair(Futures futures, QueuePair queuePair, int sendRoom, int receiveRoom) {
        this.futures = futures;
        this.queuePair = queuePair;
        promises = new HashMap<>();
        promises.put(queuePair.sendCompletionQueue(), sendRoom);
        promises.merge(queuePair.receiveCompletionQueue(), receiveRoom, Integer::sum);
        sends = new RequestLane(futures, this, "send", queuePair.sendCompletionQueue(), sendRoom);
        receives = new RequestLane(futures, this, "receive", queuePair.receiveCompletionQueue(), receiveRoom);
    }

    /**
     * The queue pair itself.
     *
     * @return as attached
     */
    public QueuePair queuePair() {
        return queuePair;
    }

    /**
     * Posts a request to the send queue: a send, a write, a read, an atomic or whatever the queue pair can do. Waits
     * for room as long as it takes.
     *
     * @param request one, without another behind it; may be reused when this returns
     * @return its future
     * @throws VerbsException EINVAL when it is null or a chain; as {@link QueuePair#postSend}; EINTR when interrupted
     *     while it waits, and the interrupt stays set; EAGAIN when there is no room, and this is the dispatching thread,
     *     which alone makes some; EBADF when this is closed; what ended the futures, or those of its completion queue,
     *     when something did. Then nothing is posted
     */
    public RequestFuture send(SendRequest request) {
        return sends.submit(request, -1);
    }

    /**
     * As {@link #send(SendRequest)}, but waits for room no longer than given.
     *
     * @param request one, without another behind it
     * @param timeout how long; 0 or less does not wait
     * @param unit of the timeout
     * @return its future; null when there was no room in time
     * @throws VerbsException EINVAL when the unit is null; otherwise as {@link #send(SendRequest)}
     */
    public RequestFuture send(SendRequest request, long timeout, TimeUnit unit) {
        return sends.submit(request, nanos("send", timeout, unit));
    }

    /**
     * As {@link #send(SendRequest)}, but does not wait for room.
     *
     * @param request one, without another behind it
     * @return its future; null when there is no room now
     * @throws VerbsException as {@link #send(SendRequest)}, but for EINTR and EAGAIN
     */
    public RequestFuture trySend(SendRequest request) {
        return sends.submit(request, 0);
    }

    /**
     * Posts a receive. Its future completes when a message has come into its memory: the completion says how long it is.
     * Waits for room as long as it takes.
     *
     * @param request one, without another behind it; may be reused when this returns
     * @return its future
     * @throws VerbsException EINVAL also when the receives come from a shared receive queue; as {@link
     *     QueuePair#postReceive}; otherwise as {@link #send(SendRequest)}
     */
    public RequestFuture receive(ReceiveRequest request) {
        return submitReceive(request, -1);
    }

    /**
     * As {@link #receive(ReceiveRequest)}, but waits for room no longer than given.
     *
     * @param request one, without another behind it
     * @param timeout how long; 0 or less does not wait
     * @param unit of the timeout
     * @return its future; null when there was no room in time
     * @throws VerbsException EINVAL when the unit is null; otherwise as {@link #receive(ReceiveRequest)}
     */
    public RequestFuture receive(ReceiveRequest request, long timeout, TimeUnit unit) {
        return submitReceive(request, nanos("receive", timeout, unit));
    }

    /**
     * As {@link #receive(ReceiveRequest)}, but does not wait for room.
     *
     * @param request one, without another behind it
     * @return its future; null when there is no room now
     * @throws VerbsException as {@link #receive(ReceiveRequest)}, but for EINTR and EAGAIN
     */
    public RequestFuture tryReceive(ReceiveRequest request) {
        return submitReceive(request, 0);
    }

    /**
     * How many requests of the send queue the device has not given back yet, those whose futures were cancelled or have
     * timed out among them.
     *
     * @return 0 to the size of the queue
     */
    public int outstandingSends() {
        return sends.outstanding();
    }

    /**
     * How many receives the device has not given back yet, those whose futures were cancelled or have timed out among
     * them.
     *
     * @return 0 to the size of the queue
     */
    public int outstandingReceives() {
        return receives.outstanding();
    }

    /**
     * Takes the queue pair to the error state, which is how verbs cancel: all that is posted to it and not carried out
     * yet is flushed, and its futures complete with {@link RequestFailedException}. They do so soon, not at once. Nothing
     * happens in the state RESET, where there is nothing to flush.
     *
     * @throws VerbsException EBADF when the queue pair is closed, EIO when the device is gone
     */
    public void cancelAll() {
        if (queuePair.state() != QueuePairState.RESET) {
            queuePair.modify(new QueuePairAttributes().state(QueuePairState.ERR));
        }
    }

    /** Closes this, as {@link #close(Duration)} with five seconds. */
    @Override
    public void close() {
        close(PATIENCE);
    }

    /**
     * Lets go of the queue pair, which stays open. When requests are outstanding, the queue pair is taken to the error
     * state, and this waits until the device has given them all back. The futures of those that it does not give back
     * complete exceptionally with EBADF, and their memory is the device's until the queue pair is closed. Whoever waits
     * for room is woken with EBADF. Closing twice is harmless.
     *
     * <p>In the dispatching thread, and when the calling thread is interrupted, it does not wait for the device.
     *
     * <p>The room in its completion queues is free for other queue pairs at once. The completions of requests that the
     * device had not given back may still come and take some of it: close the queue pair before attaching others.
     *
     * @param timeout how long to wait for the device
     * @throws VerbsException EINVAL when the timeout is null
     */
    public void close(Duration timeout) {
        if (timeout == null) {
            throw new VerbsException(VERB + ".close", Errno.EINVAL, "the timeout is null");
        }
        if (beginToClose()) {
            endToClose(System.nanoTime() + Futures.nanosOf(timeout));
        }
    }

    /** How many completions it may have in each completion queue. */
    Map<CompletionQueue, Integer> promises() {
        return promises;
    }

    /** Refuses new requests, and makes the device give back the old ones; false when that was done before. */
    boolean beginToClose() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        wakeAll();
        if (outstanding() > 0) {
            flush();
        }
        return true;
    }

    /** Waits until the device has given everything back, no longer than until the deadline, and lets go. */
    void endToClose(long deadline) {
        futures.awaitIdle(this, deadline);
        futures.detach(this, deadline);
    }

    int outstanding() {
        return sends.outstanding() + receives.outstanding();
    }

    /** As {@link #cancelAll()}; does nothing where the queue pair is closed or the device gone. */
    void flush() {
        try {
            cancelAll();
        } catch (VerbsException e) { // then nothing is left to flush
            return;
        }
    }

    /** Whether the device is giving requests back: it is not in RESET, where they vanish, nor closed, nor gone. */
    boolean isFlushing() {
        try {
            return queuePair.query().state() == QueuePairState.ERR;
        } catch (VerbsException e) {
            return false;
        }
    }

    /** Fails when it is closed, or all futures are over. */
    void requireOpen(String verb) {
        futures.requireRunning(verb);
        if (closed.get()) {
            throw new VerbsException(verb, Errno.EBADF, "the futures of " + queuePair + " are closed");
        }
    }

    void wakeAll() {
        sends.wakeAll();
        receives.wakeAll();
    }

    /** Wakes those who wait for room in a queue that has failed. */
    void wakeAll(CompletionQueue failed) {
        if (sends.queue() == failed) {
            sends.wakeAll();
        }
        if (receives.queue() == failed) {
            receives.wakeAll();
        }
    }

    private RequestFuture submitReceive(ReceiveRequest request, long nanos) {
        if (queuePair.sharedReceiveQueue() != null) {
            throw new VerbsException(
                    "receive",
                    Errno.EINVAL,
                    queuePair + " takes its receives from a shared receive queue: post to that, and look for their"
                            + " completions in FutureOptions.others()");
        }
        return receives.submit(request, nanos);
    }

    private static long nanos(String verb, long timeout, TimeUnit unit) {
        if (unit == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the unit of the timeout is null");
        }
        return Math.max(0, unit.toNanos(timeout));
    }

    @Override
    public String toString() {
        return "futures of " + queuePair + ": " + sends.outstanding() + " sends and " + receives.outstanding()
                + " receives outstanding";
    }
}
