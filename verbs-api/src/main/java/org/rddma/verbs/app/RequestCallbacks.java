package org.rddma.verbs.app;

import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/**
 * A callback for each work request, found by the request's id: the handler of a queue whose requests are all posted with
 * ids from here. Each id is good for one completion, and never comes back as another's. Makes no garbage. For one thread
 * at a time.
 */
public final class RequestCallbacks implements QueueHandler {
    /** In place of an id, when all are in use. */
    public static final long FULL = -1;

    private static final int MOST = 1 << 24;

    /*
     * id:  number, 39 bits, from 1  |  place, 24 bits; never negative
     *
     * A free place holds the place that was free before it, so that all of them are a stack.
     */
    private static final int PLACE_BITS = 24;
    private static final long NUMBERS = -1L >>> PLACE_BITS + 1;

    private final CompletionHandler[] handlers;
    private final long[] ids;
    private final int[] free;
    private int freeCount;
    private long number;

    /**
     * Room for so many requests at a time.
     *
     * @param capacity 1 to 16777216: at least the depths of all work queues that complete there
     * @throws VerbsException EINVAL when it is out of range
     */
    public RequestCallbacks(int capacity) {
        if (capacity < 1 || capacity > MOST) {
            throw new VerbsException(
                    "RequestCallbacks", Errno.EINVAL, "the capacity may be 1 to " + MOST + ", not " + capacity);
        }
        handlers = new CompletionHandler[capacity];
        ids = new long[capacity];
        free = new int[capacity];
        while (freeCount < capacity) {
            free[freeCount] = capacity - 1 - freeCount;
            freeCount++;
        }
    }

    /**
     * An id for a request that is about to be posted.
     *
     * @param handler called with its completion, once, whatever its status. A request whose success makes no completion
     *     keeps its place for good: give those an id of your own
     * @return the id; {@link #FULL} when all places are taken
     * @throws VerbsException EINVAL when the handler is null
     */
    public long add(CompletionHandler handler) {
        if (handler == null) {
            throw new VerbsException("RequestCallbacks.add", Errno.EINVAL, "the handler is null");
        }
        if (freeCount == 0) {
            return FULL;
        }
        int place = free[--freeCount];
        number = number == NUMBERS ? 1 : number + 1;
        handlers[place] = handler;
        ids[place] = number << PLACE_BITS | place;
        return ids[place];
    }

    /**
     * Takes an id back whose request was not posted, or vanished without a completion with its queue pair.
     *
     * @param id from {@link #add}
     * @return false when it is not in use
     */
    public boolean remove(long id) {
        return take(id) != null;
    }

    /**
     * How many ids are in use.
     *
     * @return 0 or more
     */
    public int size() {
        return handlers.length - freeCount;
    }

    /**
     * Calls the handler of the completion's request. Its id is free by then, for the next request.
     *
     * @throws VerbsException EINVAL when the id is not in use: the request was posted with another, or has completed
     */
    @Override
    public void onCompletion(WorkCompletion completion) {
        CompletionHandler handler = take(completion.wrId());
        if (handler == null) {
            throw new VerbsException(
                    "RequestCallbacks",
                    Errno.EINVAL,
                    "nobody waits for the " + completion + ": post every request of this queue with an id from here");
        }
        handler.onCompletion(completion);
    }

    private CompletionHandler take(long id) {
        int place = (int) id & MOST - 1;
        if (id <= 0 || place >= ids.length || ids[place] != id) {
            return null;
        }
        CompletionHandler handler = handlers[place];
        handlers[place] = null;
        ids[place] = 0;
        free[freeCount++] = place;
        return handler;
    }
}
