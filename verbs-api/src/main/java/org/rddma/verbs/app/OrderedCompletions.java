package org.rddma.verbs.app;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.SharedWait.Waiting;

/**
 * Completions in a fixed order, whatever order they came in, from any number of queue pairs and completion queues. Each
 * work request has a position: the next one, so that the order is that of posting, or one that the caller gives, so that
 * it is that of a key. {@link #take} returns the completion of position 0, then that of position 1, and so on: each once,
 * none is left out, and a completion that came too early is kept.
 *
 * <p>Memory is bounded: only so many positions, the window, may be posted and not taken. Who posts beyond the window waits
 * until there is room, or is told that there is none. The position that is to be taken next is always within it, so that
 * a consumer never waits for a request that cannot be posted.
 *
 * <p>Everything that completes in these queues must be posted here, and nobody else may poll them or take events from
 * their channel. The objects stay the caller's. Safe for use by several threads, that post, take, or both: each with
 * requests and completions of its own. Waits end with their time, with an interrupt, which stays set in the thread, and
 * with EBADF when this or the context is closed, EIO when the device is gone. Waiting blocks the carrier of a virtual
 * thread: call from platform threads.
 */
public final class OrderedCompletions implements AutoCloseable {
    /*
     * A ring with one entry for each position of the window: position p has entry p modulo the window. The id of a work
     * request is its position, so a completion finds its entry, and one of a position that was skipped after it was posted
     * is known by lying behind the head, or in an entry that says so.
     *
     *            head                      tail        head + window
     *   | taken | done | posted | free | done | free ... |
     *
     *   free --(post)--> posted --(completion)--> done --(taken)--> free
     *   free, posted, done --(skip)--> skipped --(the head passes)--> free
     *
     * The tail is the lowest position above all that were posted or skipped: the next one in order of posting.
     */
    private static final String OWNER = "OrderedCompletions";
    private static final int LARGEST_WINDOW = 1 << 20;

    private enum State {
        FREE,
        POSTED,
        DONE,
        SKIPPED
    }

    private final SharedWait shared;
    private final Set<CompletionQueue> queues = Collections.newSetFromMap(new IdentityHashMap<>());
    private final State[] states;
    private final long[] callersIds;
    private final WorkCompletion[] completions;
    private long head;
    private long tail;

    /** Skipped after they were posted: their completions may come yet, and are dropped. */
    private long late;

    /** Wait for a position of their own to come into the window. */
    private final ArrayDeque<Waiting> placed = new ArrayDeque<>();
    /** Wait for the next position. */
    private final ArrayDeque<Waiting> appending = new ArrayDeque<>();
    /** Wait for the completion at the head, each for the one after that of the one before. */
    private final ArrayDeque<Waiting> takers = new ArrayDeque<>();
    /** Wait until a device that has no room has completed something. */
    private final ArrayDeque<Waiting> stalled = new ArrayDeque<>();

    /** How many completions came: who was told that there is no room sees by it whether some was made meanwhile. */
    private long arrivals;

    private OrderedCompletions(int window, WaitOptions options, CompletionQueue[] queues) {
        if (window < 1 || window > LARGEST_WINDOW) {
            throw new VerbsException(
                    OWNER, Errno.EINVAL, "the window may be 1 to " + LARGEST_WINDOW + " positions, not " + window);
        }
        shared = new SharedWait(OWNER, options, queues, this::completed);
        Collections.addAll(this.queues, queues);
        states = new State[window];
        Arrays.fill(states, State.FREE);
        callersIds = new long[window];
        completions = WorkCompletion.array(window);
    }

    /**
     * Ordered completions of some queues.
     *
     * @param window how many positions may be posted and not taken, 1 to 1048576
     * @param options how to wait: spin and yield may be 100 milliseconds together
     * @param queues all on one channel of their own, each large enough for all that can be under way on it; nothing has
     *     been posted that completes in them
     * @return at position 0
     * @throws VerbsException EINVAL when something is null or out of range, there is no queue, one twice, one without a
     *     channel or on another than the first, or the options spin too long
     */
    public static OrderedCompletions of(int window, WaitOptions options, CompletionQueue... queues) {
        return new OrderedCompletions(window, options, queues == null ? null : queues.clone());
    }

    /**
     * Posts a send at the next position, and waits for room as long as it takes.
     *
     * @param pair completes in one of the queues
     * @param request as {@link #postSend(QueuePair, SendRequest, long, TimeUnit)}
     * @return the position; -1 only when the thread was interrupted
     * @throws VerbsException as {@link #postSend(QueuePair, SendRequest, long, TimeUnit)}
     */
    public long postSend(QueuePair pair, SendRequest request) {
        return postSend(pair, request, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * Posts a send at the next position: that of one thread in the order of its calls. While the window or the send queue
     * is full it waits.
     *
     * @param pair its sends complete in one of the queues
     * @param request one, not a chain, of any operation; read and changed while this is called, and as before afterwards.
     *     It is always signalled
     * @param timeout how long to wait for room; 0 or less does not wait
     * @param unit of the timeout
     * @return the position; -1 when there was no room in time, or until the thread was interrupted: nothing was posted
     * @throws VerbsException EINVAL when something is null, or the request has a next; as {@link QueuePair#postSend}: then
     *     nothing was posted, and the position is skipped or used by the next; EBADF when closed, also while waiting; EIO
     *     when the device is gone; EINVAL when somebody else posted what completes here
     */
    public long postSend(QueuePair pair, SendRequest request, long timeout, TimeUnit unit) {
        return post("OrderedCompletions.postSend", -1, pair, request, null, timeout, unit);
    }

    /**
     * Posts a send at a position of the caller's choice: a key. While the window does not reach that far, or the send
     * queue is full, it waits.
     *
     * @param position not taken, posted or skipped yet
     * @param pair its sends complete in one of the queues
     * @param request as {@link #postSend(QueuePair, SendRequest, long, TimeUnit)}
     * @param timeout how long to wait for room; 0 or less does not wait
     * @param unit of the timeout
     * @return false when there was no room in time, or until the thread was interrupted: nothing was posted
     * @throws VerbsException EINVAL when the position is negative, or was taken, posted or skipped; otherwise as {@link
     *     #postSend(QueuePair, SendRequest, long, TimeUnit)}, but the position stays free when nothing was posted
     */
    public boolean postSendAt(long position, QueuePair pair, SendRequest request, long timeout, TimeUnit unit) {
        String verb = "OrderedCompletions.postSendAt";
        check(verb, position >= 0, "the position is negative");
        return post(verb, position, pair, request, null, timeout, unit) >= 0;
    }

    /**
     * Posts a receive at the next position. While the window or the receive queue is
     * full it waits.
     *
     * @param pair its receives complete in one of the queues
     * @param request one, not a chain; read and changed while this is called, and as before afterwards
     * @param timeout how long to wait for room; 0 or less does not wait
     * @param unit of the timeout
     * @return the position; -1 when there was no room in time, or until the thread was interrupted: nothing was posted
     * @throws VerbsException as {@link #postSend(QueuePair, SendRequest, long, TimeUnit)} and {@link
     *     QueuePair#postReceive}
     */
    public long postReceive(QueuePair pair, ReceiveRequest request, long timeout, TimeUnit unit) {
        return post("OrderedCompletions.postReceive", -1, pair, null, request, timeout, unit);
    }

    /**
     * Posts a receive at a position of the caller's choice.
     *
     * @param position not taken, posted or skipped yet
     * @param pair its receives complete in one of the queues
     * @param request one, not a chain; read and changed while this is called, and as before afterwards
     * @param timeout how long to wait for room; 0 or less does not wait
     * @param unit of the timeout
     * @return false when there was no room in time, or until the thread was interrupted: nothing was posted
     * @throws VerbsException as {@link #postSendAt} and {@link QueuePair#postReceive}
     */
    public boolean postReceiveAt(long position, QueuePair pair, ReceiveRequest request, long timeout, TimeUnit unit) {
        String verb = "OrderedCompletions.postReceiveAt";
        check(verb, position >= 0, "the position is negative");
        return post(verb, position, pair, null, request, timeout, unit) >= 0;
    }

    /**
     * Leaves a position out: one that will never be posted, or whose completion is not wanted or will never come, because
     * its queue pair was reset or closed. Its completion is dropped if it comes.
     *
     * @param position not taken or skipped yet
     * @return false when the window does not reach that far yet: nothing is changed
     * @throws VerbsException EINVAL when it is negative, or was taken or skipped; EBADF when closed
     */
    public boolean skip(long position) {
        String verb = "OrderedCompletions.skip";
        shared.enter(verb);
        try {
            check(verb, position >= head, "position " + position + " was taken or skipped: the next is " + head);
            if (!isInWindow(position)) {
                return false;
            }
            int entry = entry(position);
            check(verb, states[entry] != State.SKIPPED, "position " + position + " was skipped before");
            if (states[entry] == State.POSTED) {
                late++;
            }
            states[entry] = State.SKIPPED;
            tail = Math.max(tail, position + 1);
            advance();
            return true;
        } finally {
            shared.leave();
        }
    }

    /**
     * Takes the completion of the next position, and waits for it as long as it takes.
     *
     * @param result filled, with the id of the request: look at its status
     * @return its position; -1 only when the thread was interrupted
     * @throws VerbsException as {@link #take(WorkCompletion, long, TimeUnit)}
     */
    public long take(WorkCompletion result) {
        return take(result, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * Takes the completion of the next position that was not skipped. Where several threads take, each gets another.
     *
     * @param result filled, with the id of the request: look at its status
     * @param timeout how long to wait; 0 or less looks and does not wait
     * @param unit of the timeout
     * @return its position; -1 when it was not there until the time was over or the thread was interrupted
     * @throws VerbsException EINVAL when something is null; EBADF when closed, also while waiting; EIO when the device is
     *     gone; EINVAL when somebody else posted what completes here
     */
    public long take(WorkCompletion result, long timeout, TimeUnit unit) {
        String verb = "OrderedCompletions.take";
        check(verb, result != null && unit != null, "the result or the unit is null");
        long start = System.nanoTime();
        shared.enter(verb);
        try {
            Waiting waiting = shared.take();
            waiting.result = result;
            return await(verb, waiting, takers, start, unit.toNanos(timeout));
        } finally {
            shared.leave();
        }
    }

    /**
     * How many positions may be posted and not taken.
     *
     * @return as given
     */
    public int window() {
        return states.length;
    }

    /**
     * What the waiting threads did so far.
     *
     * @return a snapshot
     */
    public BlockingStatistics statistics() {
        return shared.statistics();
    }

    /**
     * Ends all calls, those that wait too: they fail with EBADF. Returns when no thread is in one any more; then queue
     * pairs, queues and channel can be closed. What is posted stays posted.
     */
    @Override
    public void close() {
        shared.close();
    }

    private static void check(String verb, boolean right, String otherwise) {
        if (!right) {
            throw new VerbsException(verb, Errno.EINVAL, otherwise);
        }
    }

    /** Posts one of the two requests, at a position or, where that is negative, at the next. */
    private long post(
            String verb,
            long given,
            QueuePair pair,
            SendRequest send,
            ReceiveRequest receive,
            long timeout,
            TimeUnit unit) {
        check(verb, pair != null && unit != null, "the queue pair or the unit is null");
        check(verb, send != null || receive != null, "the request is null");
        check(
                verb,
                send == null ? receive.next() == null : send.next() == null,
                "the request has a next: post one at a time");
        check(
                verb,
                queues.contains(send == null ? pair.receiveCompletionQueue() : pair.sendCompletionQueue()),
                pair + " completes in a queue that is not ordered here");
        long start = System.nanoTime();
        long nanos = unit.toNanos(timeout);
        shared.enter(verb);
        try {
            long position = given < 0 ? append(verb, start, nanos) : place(verb, given, start, nanos);
            if (position < 0) {
                return -1;
            }
            int entry = entry(position);
            callersIds[entry] = send == null ? receive.wrId() : send.wrId();
            boolean posted = false;
            try {
                posted = post(verb, position, pair, send, receive, start, nanos);
            } finally {
                if (!posted) {
                    undo(position, given < 0);
                }
            }
            return posted ? position : -1;
        } finally {
            shared.leave();
        }
    }

    /** Waits for the next position and takes it; -1 when there was none in time. */
    private long append(String verb, long start, long nanos) {
        if (appending.isEmpty() && isInWindow(tail)) {
            return occupy(tail);
        }
        return await(verb, shared.take(), appending, start, nanos);
    }

    /** Waits until the window reaches a position and takes it; -1 when it did not in time. */
    private long place(String verb, long position, long start, long nanos) {
        if (position >= head && !isInWindow(position)) {
            Waiting waiting = shared.take();
            waiting.position = position;
            if (await(verb, waiting, placed, start, nanos) < 0) {
                return -1;
            }
        }
        check(verb, position >= head, "position " + position + " was taken or skipped: the next is " + head);
        check(verb, states[entry(position)] == State.FREE, "position " + position + " was posted or skipped before");
        return occupy(position);
    }

    private long occupy(long position) {
        states[entry(position)] = State.POSTED;
        tail = Math.max(tail, position + 1);
        return position;
    }

    /** Nothing was posted: a position that was given is the caller's again; of the others none may be left out. */
    private void undo(long position, boolean appended) {
        int entry = entry(position);
        if (position < head || states[entry] != State.POSTED) {
            late--; // skipped meanwhile, in the belief that it was posted
        } else if (appended && position + 1 < tail) {
            states[entry] = State.SKIPPED;
            advance();
        } else {
            states[entry] = State.FREE;
            tail = appended ? position : tail;
            advance();
        }
    }

    /** Posts without the lock; while there is no room in the queue pair, waits until something has completed. */
    private boolean post(
            String verb,
            long position,
            QueuePair pair,
            SendRequest send,
            ReceiveRequest receive,
            long start,
            long nanos) {
        while (true) {
            long before = arrivals;
            boolean posted;
            shared.unlock();
            try {
                posted = send == null ? post(pair, receive, position) : post(pair, send, position);
            } finally {
                shared.lock();
            }
            if (posted) {
                return true;
            }
            if (arrivals != before && SharedWait.mayWait(start, nanos)) {
                continue; // room was made before we could wait for it: nobody would wake us
            }
            Waiting waiting = shared.take();
            waiting.position = position;
            if (await(verb, waiting, stalled, start, nanos) < 0) {
                return false;
            }
        }
    }

    private static boolean post(QueuePair pair, SendRequest send, long position) {
        long id = send.wrId();
        int flags = send.flags();
        try {
            return pair.postSend(send.wrId(position).flags(flags | SendFlags.SIGNALED)) == null;
        } finally {
            send.wrId(id).flags(flags);
        }
    }

    private static boolean post(QueuePair pair, ReceiveRequest receive, long position) {
        long id = receive.wrId();
        try {
            return pair.postReceive(receive.wrId(position)) == null;
        } finally {
            receive.wrId(id);
        }
    }

    /** Waits in a list; the position that it has or is given, or -1 when that was not in time. */
    private long await(String verb, Waiting waiting, ArrayDeque<Waiting> list, long start, long nanos) {
        list.addLast(waiting);
        try {
            if (list == takers) {
                advance(); // it may be there already
            }
            return shared.await(verb, waiting, start, nanos) ? waiting.position : -1;
        } finally {
            list.remove(waiting);
            shared.giveBack(waiting);
        }
    }

    /** Under the lock: keeps a completion until it is its turn. */
    private boolean completed(WorkCompletion completion) {
        long position = completion.wrId();
        boolean known = true;
        if (position >= head && position < tail && states[entry(position)] == State.POSTED) {
            int entry = entry(position);
            SharedWait.copy(completion, completions[entry], callersIds[entry]);
            states[entry] = State.DONE;
            advance();
        } else if (position >= 0 && position < tail && late > 0) {
            late--;
        } else {
            known = false;
        }
        arrivals++;
        while (!stalled.isEmpty()) {
            shared.ready(stalled.pollFirst());
        }
        return known;
    }

    /** Moves the head as far as it goes: gives completions to those that take, and room to those that post. */
    private void advance() {
        while (true) {
            int entry = entry(head);
            if (states[entry] == State.DONE && !takers.isEmpty()) {
                Waiting taker = takers.pollFirst();
                WorkCompletion done = completions[entry];
                SharedWait.copy(done, taker.result, done.wrId());
                taker.position = head;
                shared.ready(taker);
            } else if (states[entry] != State.SKIPPED) {
                break;
            }
            states[entry] = State.FREE;
            head++;
        }
        while (!appending.isEmpty() && isInWindow(tail)) {
            Waiting waiting = appending.pollFirst();
            waiting.position = occupy(tail);
            shared.ready(waiting);
        }
        if (!placed.isEmpty()) {
            admit();
        }
    }

    private void admit() {
        for (int i = placed.size(); i > 0; i--) {
            Waiting waiting = placed.pollFirst();
            if (isInWindow(waiting.position)) {
                shared.ready(waiting);
            } else {
                placed.addLast(waiting);
            }
        }
    }

    private boolean isInWindow(long position) {
        return position - head < states.length;
    }

    private int entry(long position) {
        return (int) (position % states.length);
    }
}
