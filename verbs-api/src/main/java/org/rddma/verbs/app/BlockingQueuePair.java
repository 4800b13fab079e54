package org.rddma.verbs.app;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.SharedWait.Waiting;

/**
 * A queue pair whose verbs block, made by {@link BlockingCalls#add}. Safe for use by several threads, with requests and
 * completions of their own.
 *
 * <p>A wait ends with what is waited for, with its time, with an interrupt, which stays set in the thread, and with EBADF
 * when the {@link BlockingCalls} or the context is closed, EIO when the device is gone. Threads that wait for the same
 * thing are served in the order in which they came.
 *
 * <p>Where a queue pair is reset or closed, its work requests vanish without completions, and who waits for them waits
 * until one of the above: take it to the error state before, so that they are flushed.
 */
public final class BlockingQueuePair {
    /*
     * A call is the place of a work request: there are as many as the queues have. Its index is the lower half of the
     * request's id; the upper half counts its uses, so that what was posted by somebody else is noticed.
     *
     *   free --(posted)--> posted --(completed)--> send: free; receive: arrived --(taken)--> free
     */
    private final SharedWait shared;
    private final QueuePair pair;
    private final ArrayDeque<Call> freeSends = new ArrayDeque<>();
    private final ArrayDeque<Call> freeReceives = new ArrayDeque<>();
    private final ArrayDeque<Call> arrived = new ArrayDeque<>();
    /** Wait for a place in the send queue. */
    private final ArrayDeque<Waiting> senders = new ArrayDeque<>();
    /** Wait for a message. */
    private final ArrayDeque<Waiting> receivers = new ArrayDeque<>();
    /** Wait until a device that has no room, though there is a place, has completed something. */
    private final ArrayDeque<Waiting> stalled = new ArrayDeque<>();
    /** Wait until nothing is under way any more that nobody waits for. */
    private final ArrayDeque<Waiting> settling = new ArrayDeque<>();

    private int abandoned;

    /** How many completions came: who was told that there is no room sees by it whether some was made meanwhile. */
    private long arrivals;

    /** A place for a work request. */
    final class Call {
        private final boolean isReceive;
        private final WorkCompletion message;
        private long id;
        private long callersId;
        private boolean posted;
        private Waiting waiting;

        private Call(int index, boolean isReceive) {
            id = index;
            this.isReceive = isReceive;
            message = isReceive ? new WorkCompletion() : null;
        }

        /** Under the lock: hands a completion to its thread; false when this was not posted. */
        boolean completed(WorkCompletion completion) {
            if (!posted || completion.wrId() != id) {
                return false;
            }
            posted = false;
            if (isReceive) {
                arrive(this, completion);
            } else {
                finish(this, completion);
            }
            arrivals++;
            while (!stalled.isEmpty()) {
                shared.ready(stalled.pollFirst());
            }
            return true;
        }
    }

    BlockingQueuePair(SharedWait shared, QueuePair pair) {
        this.shared = shared;
        this.pair = pair;
    }

    Call newCall(int index, boolean isReceive) {
        Call call = new Call(index, isReceive);
        (isReceive ? freeReceives : freeSends).addLast(call);
        return call;
    }

    /**
     * The queue pair behind it: to connect it, to ask for its state. Do not post to it.
     *
     * @return as given
     */
    public QueuePair queuePair() {
        return pair;
    }

    /**
     * Posts a request to the send queue and waits until it is completed, as long as it takes.
     *
     * @param request one, not a chain, of any operation; read and changed while this is called, and as before afterwards.
     *     It is always signalled
     * @param result filled when this returns {@link CallOutcome#COMPLETED}, with the request's id: look at its status
     * @return {@link CallOutcome#COMPLETED}; another only when the thread was interrupted
     * @throws VerbsException as {@link #execute(SendRequest, WorkCompletion, long, TimeUnit)}
     */
    public CallOutcome execute(SendRequest request, WorkCompletion result) {
        return execute(request, result, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * Posts a request to the send queue and waits until it is completed. While the queue is full it waits for room.
     *
     * @param request one, not a chain, of any operation; read and changed while this is called, and as before afterwards.
     *     It is always signalled
     * @param result filled when this returns {@link CallOutcome#COMPLETED}, with the request's id: look at its status
     * @param timeout how long, room and completion together; with 0 or less it posts and looks, but does not wait
     * @param unit of the timeout
     * @return how it ended
     * @throws VerbsException EINVAL when something is null, or the request has a next; as {@link QueuePair#postSend}: then
     *     nothing was posted; EBADF when closed, also while waiting; EIO when the device is gone; EINVAL when somebody else
     *     posted what completes here. After these three the request may be posted: its memory is the device's until the
     *     queue pair is flushed, reset or closed
     */
    public CallOutcome execute(SendRequest request, WorkCompletion result, long timeout, TimeUnit unit) {
        String verb = "BlockingQueuePair.execute";
        check(verb, request != null && result != null && unit != null, "the request, the result or the unit is null");
        check(verb, request.next() == null, "the request has a next: execute one at a time");
        long start = System.nanoTime();
        long nanos = unit.toNanos(timeout);
        shared.enter(verb);
        try {
            Call call = place(verb, start, nanos);
            if (call == null) {
                return CallOutcome.NOT_POSTED;
            }
            Waiting waiting = shared.take();
            waiting.result = result;
            boolean posted = false;
            boolean completed = false;
            try {
                prepare(call, request.wrId(), waiting);
                posted = post(verb, call, request, start, nanos);
                completed = posted && shared.await(verb, waiting, start, nanos);
            } finally {
                if (!posted) {
                    call.posted = false;
                    free(call);
                } else if (!completed) {
                    call.waiting = null;
                    abandoned++;
                }
                shared.giveBack(waiting);
            }
            return completed ? CallOutcome.COMPLETED : posted ? CallOutcome.UNDER_WAY : CallOutcome.NOT_POSTED;
        } finally {
            shared.leave();
        }
    }

    /**
     * Posts a receive, to be filled by a message; does not wait.
     *
     * @param request one, not a chain; read and changed while this is called, and as before afterwards
     * @return false when the receive queue is full: as many are posted, or filled and not taken by {@link #receive}, as it
     *     holds
     * @throws VerbsException EINVAL when it is null or has a next; EBADF when closed; as {@link QueuePair#postReceive}
     */
    public boolean postReceive(ReceiveRequest request) {
        String verb = "BlockingQueuePair.postReceive";
        check(
                verb,
                request != null && request.next() == null,
                "the request is null, or has a next: post one at a time");
        shared.enter(verb);
        try {
            Call call = freeReceives.pollFirst();
            if (call == null) {
                return false;
            }
            long id = request.wrId();
            boolean posted = false;
            prepare(call, id, null);
            shared.unlock();
            try {
                posted = pair.postReceive(request.wrId(call.id)) == null;
            } finally {
                request.wrId(id);
                shared.lock();
                if (!posted) {
                    call.posted = false;
                    freeReceives.addLast(call);
                }
            }
            return posted;
        } finally {
            shared.leave();
        }
    }

    /**
     * Takes the next message, and waits for it as long as it takes.
     *
     * @param result filled with the completion of a posted receive, with that one's id: look at its status
     * @return false only when the thread was interrupted
     * @throws VerbsException as {@link #receive(WorkCompletion, long, TimeUnit)}
     */
    public boolean receive(WorkCompletion result) {
        return receive(result, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * Takes the next message, in the order in which they came. Its memory is the caller's: post it again.
     *
     * @param result filled with the completion of a posted receive, with that one's id: look at its status
     * @param timeout how long; 0 or less looks and does not wait
     * @param unit of the timeout
     * @return false when there was none until the time was over or the thread was interrupted
     * @throws VerbsException EINVAL when something is null; EBADF when closed, also while waiting; EIO when the device is
     *     gone; EINVAL when somebody else posted what completes here
     */
    public boolean receive(WorkCompletion result, long timeout, TimeUnit unit) {
        String verb = "BlockingQueuePair.receive";
        check(verb, result != null && unit != null, "the result or the unit is null");
        long start = System.nanoTime();
        shared.enter(verb);
        try {
            Call call = arrived.pollFirst(); // while messages are there nobody waits
            if (call != null) {
                SharedWait.copy(call.message, result, call.callersId);
                freeReceives.addLast(call);
                return true;
            }
            Waiting waiting = shared.take();
            waiting.result = result;
            receivers.addLast(waiting);
            return await(verb, waiting, receivers, start, unit.toNanos(timeout));
        } finally {
            shared.leave();
        }
    }

    /**
     * Waits until what calls left {@linkplain CallOutcome#UNDER_WAY under way} is completed: then all memory is the
     * caller's again.
     *
     * @param timeout how long; 0 or less looks and does not wait
     * @param unit of the timeout
     * @return false when something was under way still when the time was over or the thread was interrupted
     * @throws VerbsException as {@link #receive(WorkCompletion, long, TimeUnit)}
     */
    public boolean settle(long timeout, TimeUnit unit) {
        String verb = "BlockingQueuePair.settle";
        check(verb, unit != null, "the unit is null");
        long start = System.nanoTime();
        shared.enter(verb);
        try {
            if (abandoned == 0) {
                return true;
            }
            Waiting waiting = shared.take();
            settling.addLast(waiting);
            return await(verb, waiting, settling, start, unit.toNanos(timeout));
        } finally {
            shared.leave();
        }
    }

    private static void check(String verb, boolean right, String otherwise) {
        if (!right) {
            throw new VerbsException(verb, Errno.EINVAL, otherwise);
        }
    }

    private static void prepare(Call call, long callersId, Waiting waiting) {
        call.id += 1L << Integer.SIZE;
        call.callersId = callersId;
        call.waiting = waiting;
        call.posted = true; // its completion may be there before the post returns
    }

    /** Waits for a place in the send queue; null when there was none in time. */
    private Call place(String verb, long start, long nanos) {
        Call call = freeSends.pollFirst(); // while places are free nobody waits
        if (call != null) {
            return call;
        }
        Waiting waiting = shared.take();
        senders.addLast(waiting);
        try {
            return shared.await(verb, waiting, start, nanos) ? waiting.call : null;
        } finally {
            senders.remove(waiting);
            shared.giveBack(waiting);
        }
    }

    private boolean await(String verb, Waiting waiting, ArrayDeque<Waiting> list, long start, long nanos) {
        try {
            return shared.await(verb, waiting, start, nanos);
        } finally {
            list.remove(waiting);
            shared.giveBack(waiting);
        }
    }

    /**
     * Posts without the lock. A device may be full though there is a place, where a completion overtook that of an older
     * request: its slot is free only with the older one's.
     */
    private boolean post(String verb, Call call, SendRequest request, long start, long nanos) {
        while (true) {
            long before = arrivals;
            long id = request.wrId();
            int flags = request.flags();
            boolean posted;
            shared.unlock();
            try {
                posted = pair.postSend(request.wrId(call.id).flags(flags | SendFlags.SIGNALED)) == null;
            } finally {
                request.wrId(id).flags(flags);
                shared.lock();
            }
            if (posted) {
                return true;
            }
            if (arrivals != before && SharedWait.mayWait(start, nanos)) {
                continue; // room was made before we could wait for it: nobody would wake us
            }
            Waiting waiting = shared.take();
            stalled.addLast(waiting);
            if (!await(verb, waiting, stalled, start, nanos)) {
                return false;
            }
        }
    }

    private void finish(Call call, WorkCompletion completion) {
        Waiting waiting = call.waiting;
        if (waiting != null) {
            call.waiting = null;
            SharedWait.copy(completion, waiting.result, call.callersId);
            shared.ready(waiting);
        } else if (--abandoned == 0) {
            while (!settling.isEmpty()) {
                shared.ready(settling.pollFirst());
            }
        }
        free(call);
    }

    private void free(Call call) {
        Waiting next = senders.pollFirst();
        if (next == null) {
            freeSends.addLast(call);
        } else {
            next.call = call;
            shared.ready(next);
        }
    }

    private void arrive(Call call, WorkCompletion completion) {
        Waiting waiting = receivers.pollFirst();
        if (waiting == null) {
            SharedWait.copy(completion, call.message, call.callersId);
            arrived.addLast(call);
        } else {
            SharedWait.copy(completion, waiting.result, call.callersId);
            freeReceives.addLast(call);
            shared.ready(waiting);
        }
    }
}
