package org.rddma.verbs.app;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequest;

/**
 * One direction of a {@link FutureQueuePair}: as many permits as the queue has room. A permit is taken before a request
 * is posted and given back when its completion was polled, whatever became of its future: so the account is that of
 * the device.
 *
 * <p>Nothing is locked while a request is posted, and a thread waits by parking.
 */
final class RequestLane {
    /** Wakes all who wait for room, for good. */
    private static final int ENOUGH = Integer.MAX_VALUE / 4;

    private static final long LONGEST_PAUSE_NANOS = 1_000_000;

    private final Futures futures;
    private final FutureQueuePair pair;
    private final String verb;
    private final CompletionQueue queue;
    private final Semaphore room;

    /** Requests that are posted, or about to be. */
    private final AtomicInteger outstanding = new AtomicInteger();

    RequestLane(Futures futures, FutureQueuePair pair, String verb, CompletionQueue queue, int capacity) {
        this.futures = futures;
        this.pair = pair;
        this.verb = verb;
        this.queue = queue;
        room = new Semaphore(capacity);
    }

    FutureQueuePair pair() {
        return pair;
    }

    CompletionQueue queue() {
        return queue;
    }

    int outstanding() {
        return outstanding.get();
    }

    /**
     * Posts a request, and waits for room no longer than given: 0 does not wait, a negative time is for ever.
     *
     * @return null when there was no room in time
     */
    RequestFuture submit(WorkRequest request, long nanos) {
        refuseChains(request);
        long start = nanos > 0 ? System.nanoTime() : 0;
        if (!room.tryAcquire() && !waitForRoom(nanos)) {
            pair.requireOpen(verb);
            return null;
        }
        outstanding.incrementAndGet(); // before the look at whether it is open: who closes looks the other way round
        RequestFuture future = null;
        boolean posted = false;
        try {
            requireListening();
            future = futures.register(this, request.wrId());
            posted = post(request, future.token());
            for (long pause = 1_000; !posted && mayTryAgain(nanos, start, pause); pause = longer(pause)) {
                posted = post(request, future.token());
            }
        } finally {
            if (!posted) {
                if (future == null || futures.forget(future)) {
                    ended();
                }
            }
        }
        if (!posted) {
            return null;
        }
        futures.endIfNobodyListens(future);
        return future;
    }

    /** A request of this lane is over: there is room for another one. */
    void ended() {
        outstanding.decrementAndGet();
        room.release();
    }

    /** Wakes those who wait for room: they find that it is closed. */
    void wakeAll() {
        room.release(ENOUGH);
    }

    private void refuseChains(WorkRequest request) {
        if (request == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the request is null");
        }
        Object next = request instanceof SendRequest send ? send.next() : ((ReceiveRequest) request).next();
        if (next != null) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    request + " has another behind it: a future is for one request, so submit them one by one",
                    request);
        }
    }

    private boolean waitForRoom(long nanos) {
        if (nanos == 0) {
            return false;
        }
        pair.requireOpen(verb);
        refuseToBlockDispatcher();
        try {
            if (nanos < 0) {
                room.acquire();
                return true;
            }
            return room.tryAcquire(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        }
    }

    /**
     * The queue was full in spite of our permit: of a request that others posted, or of one whose completion has
     * overtaken that of the oldest. Then the device knows alone when there is room.
     */
    private boolean mayTryAgain(long nanos, long start, long pause) {
        if (nanos == 0 || nanos > 0 && System.nanoTime() - start >= nanos) {
            return false;
        }
        refuseToBlockDispatcher();
        LockSupport.parkNanos(this, pause);
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
        requireListening();
        return true;
    }

    /** Fails when nobody would take the completion. */
    private void requireListening() {
        pair.requireOpen(verb);
        futures.requireListening(verb, queue);
    }

    private static long longer(long pause) {
        return Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    }

    private void refuseToBlockDispatcher() {
        if (futures.isDispatcher(Thread.currentThread())) {
            throw new VerbsException(
                    verb,
                    Errno.EAGAIN,
                    "the queue is full, and this is the thread that makes room: use the form that does not wait, or"
                            + " FutureOptions.withDependents");
        }
    }

    private VerbsException interrupted() {
        return new VerbsException(verb, Errno.EINTR, "the thread was interrupted while it waited for room");
    }

    private boolean post(WorkRequest request, long token) {
        long wrId = request.wrId();
        if (request instanceof ReceiveRequest receive) {
            receive.wrId(token);
            try {
                return pair.queuePair().postReceive(receive) == null;
            } finally {
                receive.wrId(wrId);
            }
        }
        SendRequest send = (SendRequest) request;
        int flags = send.flags();
        send.wrId(token).flags(flags | SendFlags.SIGNALED); // without it there is nothing that would end the future
        try {
            return pair.queuePair().postSend(send) == null;
        } finally {
            send.wrId(wrId).flags(flags);
        }
    }
}
