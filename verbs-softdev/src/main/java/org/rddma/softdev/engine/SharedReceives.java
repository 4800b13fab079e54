package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.ReceiveEntryDescriptor.*;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.internal.ring.SpinLock;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkQueue;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.AbstractSendQueue;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.WorkRequestRules;

/** A shared receive queue: queue pairs in several threads take from it. */
public final class SharedReceives implements WorkQueue {
    /*
     * An entry is in a slot. A slot is free, posted, taken (by a responder that fills it), or done: its completion is
     * in some completion queue. It is free again when that completion has been polled, as with a receive queue; that
     * is found out by the poster, and only when no slot is free, so polling need not know of slots. Slots become free
     * in any order, so there is a stack of those that are free and a queue of those that are posted.
     *
     * All under one lock, which is the last to be taken: completion queues take it while they hold theirs.
     */
    private static final String VERB = "postReceive";

    private final int maxElements;
    private final int entryBytes;
    private final Runnable onLimit;
    private final SpinLock lock = new SpinLock();

    private ByteBuffer memory;
    private int capacity;
    private int limit;

    private int[] free;
    private int freeCount;
    private int[] posted;
    private int head;
    private int postedCount;
    private int[] done;
    private int doneCount;

    /** By slot: where its completion goes, and where there it is. */
    private Completer[] completers;

    private long[] completions;

    /**
     * An empty queue.
     *
     * @param maxRequests how many it holds
     * @param maxElements of each
     * @param onLimit called when the limit is reached; must not wait
     */
    public SharedReceives(int maxRequests, int maxElements, Runnable onLimit) {
        this.maxElements = maxElements;
        this.onLimit = onLimit;
        entryBytes = entryBytes(maxElements);
        memory = Os.allocate((long) maxRequests * entryBytes, 64, "createSharedReceiveQueue");
        free = new int[0];
        posted = new int[0];
        done = new int[0];
        completers = new Completer[0];
        completions = new long[0];
        addSlots(maxRequests);
        capacity = maxRequests;
    }

    /**
     * Of each receive.
     *
     * @return as given
     */
    public int maxElements() {
        return maxElements;
    }

    /**
     * How many receives it holds.
     *
     * @return as given, or as resized
     */
    public int capacity() {
        lock.lock();
        try {
            return capacity;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The limit that is armed.
     *
     * @return 0 for none
     */
    public int limit() {
        lock.lock();
        try {
            return limit;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Arms the limit.
     *
     * @param receives 0 for none
     * @return false, and nothing changed, when it is larger than the capacity
     */
    public boolean armLimit(int receives) {
        lock.lock();
        try {
            if (receives > capacity) {
                return false;
            }
            limit = receives;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Changes the capacity.
     *
     * @param requests the new one
     * @return -1; or, with nothing changed, the least that is possible now
     */
    public int resize(int requests) {
        lock.lock();
        try {
            int least = Math.max(1, Math.max(limit, postedCount));
            if (requests < least) {
                return least;
            }
            int slots = completers.length;
            if (requests > slots) {
                ByteBuffer larger = Os.allocate((long) requests * entryBytes, 64, "resize");
                larger.put(0, memory, 0, slots * entryBytes);
                memory = larger; // a responder may still be reading its entry in the other
                addSlots(requests - slots);
            }
            capacity = requests;
            return -1;
        } finally {
            lock.unlock();
        }
    }

    private void addSlots(int count) {
        int before = completers.length;
        int slots = before + count;
        int[] queue = new int[slots];
        for (int i = 0; i < postedCount; i++) {
            queue[i] = posted[(head + i) % before];
        }
        posted = queue;
        head = 0;
        done = Arrays.copyOf(done, slots);
        free = Arrays.copyOf(free, slots);
        for (int slot = slots - 1; slot >= before; slot--) {
            free[freeCount++] = slot;
        }
        completers = Arrays.copyOf(completers, slots);
        completions = Arrays.copyOf(completions, slots);
    }

    // ---- posters

    /**
     * Posts a chain.
     *
     * @param first the chain
     * @return null, or the first request that does not fit
     */
    public ReceiveRequest post(ReceiveRequest first) {
        lock.lock();
        try {
            ReceiveRequest request = first;
            int room = capacity; // a chain may end in itself
            do {
                WorkRequestRules.checkElements(VERB, request, maxElements);
                if (room-- == 0 || !hasRoom()) {
                    return request;
                }
                int slot = free[--freeCount];
                int entry = slot * entryBytes;
                Words.spInt(memory, entry + ELEMENTS, request.sgeCount());
                Words.spLong(memory, entry + WR_ID, request.wrId());
                AbstractSendQueue.writeElements(request, memory, entry + DATA);
                posted[index(postedCount++)] = slot;
                request = request.next();
            } while (request != null);
            return null;
        } finally {
            lock.unlock();
        }
    }

    private int index(int offset) {
        int index = head + offset;
        return index < posted.length ? index : index - posted.length;
    }

    private boolean hasRoom() {
        return isRoom() || reclaim();
    }

    /** The slots in use are all but the free ones; after a resize there may be more slots than may be used. */
    private boolean isRoom() {
        return freeCount > completers.length - capacity;
    }

    private boolean reclaim() {
        int kept = 0;
        for (int i = 0; i < doneCount; i++) {
            int slot = done[i];
            if (completers[slot].isPolled(completions[slot])) {
                completers[slot] = null;
                free[freeCount++] = slot;
            } else {
                done[kept++] = slot;
            }
        }
        doneCount = kept;
        return isRoom();
    }

    // ---- responders

    /** Takes the receive that was posted first; returns its slot, or -1. */
    int take(Completer completer) {
        lock.lock();
        try {
            if (postedCount == 0) {
                return -1;
            }
            int slot = posted[head];
            head = index(1);
            postedCount--;
            completers[slot] = completer;
            return slot;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a receive that was taken to the front again. */
    void giveBack(int slot) {
        lock.lock();
        try {
            completers[slot] = null;
            head = head == 0 ? posted.length - 1 : head - 1;
            posted[head] = slot;
            postedCount++;
        } finally {
            lock.unlock();
        }
    }

    /** The memory that the entries are in now: good for a slot that the caller has taken. */
    ByteBuffer memory() {
        lock.lock();
        try {
            return memory;
        } finally {
            lock.unlock();
        }
    }

    int entry(int slot) {
        return slot * entryBytes;
    }

    /** Announces that few are left, if somebody wants to know. */
    void checkLimit() {
        lock.lock();
        try {
            if (limit == 0 || postedCount >= limit) {
                return;
            }
            limit = 0;
        } finally {
            lock.unlock();
        }
        onLimit.run();
    }

    @Override
    public void soExecuted(long slot, long completion) {
        if (completion != WorkRing.PENDING) { // until then the slot is neither free nor done
            soDelivered(slot, completion);
        }
    }

    @Override
    public void soDelivered(long slot, long completion) {
        lock.lock();
        try {
            if (completion == WorkRing.LOST) {
                completers[(int) slot] = null;
                free[freeCount++] = (int) slot;
            } else {
                completions[(int) slot] = completion;
                done[doneCount++] = (int) slot;
            }
        } finally {
            lock.unlock();
        }
    }
}
