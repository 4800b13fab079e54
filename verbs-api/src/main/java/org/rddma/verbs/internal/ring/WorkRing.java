package org.rddma.verbs.internal.ring;

import java.nio.ByteBuffer;
import org.rddma.verbs.internal.os.Os;

/**
 * The ring of a send or receive queue. What an entry looks like is the concern of {@link SendEntryDescriptor} and
 * {@link ReceiveEntryDescriptor}; here are its positions.
 */
public final class WorkRing implements WorkQueue {
    /*
     *      released        executed        posted
     *  ------|---------------|---------------|------
     *   free | completed, not| waiting for   | free
     *        | yet polled    | the device    |
     *
     * The poster writes an entry and moves `posted`; the device executes it, notes where in the completion queue its
     * completion is, and moves `executed`. A slot is free again when that completion has been polled; a slot without a
     * completion, when that of a later one has. The poster finds this out itself, and only when the ring looks full: so
     * polling need not know of work rings.
     *
     * Memory:    0  posted (8) | released (8)
     *          128  executed (8)
     *          256  entries, then for each of them where its completion is (8)
     *          ...  of each slot, where its completion is (8)
     */
    private static final int POSTED = 0;
    private static final int RELEASED = 8;
    private static final int EXECUTED = 128;
    private static final int ENTRIES = 256;

    /** In place of a position in the completion queue: the request succeeded and was not signalled. */
    public static final long UNSIGNALED = -1;
    /** In place of a position in the completion queue: the completion is lost, the slot is free at once. */
    public static final long LOST = -2;
    /** In place of a position in the completion queue: done, but the completion is not in the queue yet. */
    public static final long PENDING = -3;

    private final ByteBuffer memory;
    private final int capacity;
    private final int mask;
    private final int shift;
    private final int entryBytes;
    private final int completions;

    /**
     * An empty ring.
     *
     * @param requests how many it must hold; 0 makes a ring that is always full
     * @param entryBytes a multiple of 64
     */
    public WorkRing(int requests, int entryBytes) {
        int slots = requests <= 1 ? 1 : Integer.highestOneBit(requests - 1) << 1;
        capacity = requests == 0 ? 0 : slots;
        mask = slots - 1;
        shift = Integer.numberOfTrailingZeros(slots);
        this.entryBytes = entryBytes;
        long bytes = ENTRIES + (long) slots * entryBytes;
        memory = Os.allocate(bytes + (long) slots * Long.BYTES, 64, "createQueuePair");
        completions = (int) bytes;
    }

    /**
     * How many requests it holds.
     *
     * @return a power of two, or 0
     */
    public int capacity() {
        return capacity;
    }

    /**
     * The memory that the entries are in.
     *
     * @return the buffer itself
     */
    public ByteBuffer memory() {
        return memory;
    }

    /**
     * Where an entry is.
     *
     * @param position any
     * @return offset into the memory
     */
    public int entry(long position) {
        return ENTRIES + ((int) position & mask) * entryBytes;
    }

    /**
     * Which of the ring's slots an entry is in.
     *
     * @param position any
     * @return 0 to {@link #capacity()} - 1
     */
    public int slot(long position) {
        return (int) position & mask;
    }

    /**
     * The generation of an entry that is posted at a position: never 0, and different each time round.
     *
     * @param position any
     * @return the word
     */
    public int generation(long position) {
        return (int) (position >>> shift) + 1;
    }

    private int completion(long position) {
        return completions + ((int) position & mask) * Long.BYTES;
    }

    // ---- the poster

    /**
     * Whether a request can be posted; frees the slots whose completions have been polled if it seems not.
     *
     * @param queue where the completions are
     * @return false when the ring is full
     */
    public boolean hasRoom(CompletionRing queue) {
        long posted = Words.lpLong(memory, POSTED);
        return posted - Words.lpLong(memory, RELEASED) < capacity || capacity > 0 && release(queue, posted);
    }

    /**
     * Whether several requests can be posted.
     *
     * @param queue where the completions are
     * @param count how many
     * @return false when the ring has too little room
     */
    public boolean hasRoom(CompletionRing queue, int count) {
        long posted = Words.lpLong(memory, POSTED);
        if (posted + count - Words.lpLong(memory, RELEASED) <= capacity) {
            return true;
        }
        boolean unused = capacity > 0 && release(queue, posted);
        return posted + count - Words.lpLong(memory, RELEASED) <= capacity;
    }

    private boolean release(CompletionRing queue, long posted) {
        long executed = Words.laLong(memory, EXECUTED);
        long released = Words.lpLong(memory, RELEASED);
        for (long position = released; position < executed; position++) {
            long completion = Words.laLong(memory, completion(position));
            if (completion == LOST || completion >= 0 && queue.isPolled(completion)) {
                released = position + 1;
            } else if (completion != UNSIGNALED) {
                break;
            }
        }
        Words.spLong(memory, RELEASED, released);
        return posted - released < capacity;
    }

    /**
     * Where the next request goes.
     *
     * @return its position
     */
    public long lpPosted() {
        return Words.lpLong(memory, POSTED);
    }

    /**
     * Publishes requests that are written.
     *
     * @param position behind the last of them
     */
    public void soPosted(long position) {
        Words.soLong(memory, POSTED, position);
    }

    /**
     * Behind the last request that is executed, for diagnostics.
     *
     * @return its position
     */
    public long laExecuted() {
        return Words.laLong(memory, EXECUTED);
    }

    /**
     * Behind the last request whose slot is known to be free, for diagnostics.
     *
     * @return its position
     */
    public long laReleased() {
        return Words.laLong(memory, RELEASED);
    }

    // ---- the device

    /**
     * Behind the last request that is posted.
     *
     * @return its position
     */
    public long laPosted() {
        return Words.laLong(memory, POSTED);
    }

    /**
     * The next request to be executed.
     *
     * @return its position
     */
    public long lpExecuted() {
        return Words.lpLong(memory, EXECUTED);
    }

    /**
     * Notes that a request is done.
     *
     * @param position of the request: the next to be executed
     * @param completion position of its completion, {@link #UNSIGNALED}, {@link #LOST} or {@link #PENDING}
     */
    @Override
    public void soExecuted(long position, long completion) {
        Words.spLong(memory, completion(position), completion);
        Words.soLong(memory, EXECUTED, position + 1);
    }

    /**
     * Notes where the completion is of a request that was noted as {@link #PENDING}.
     *
     * @param position of the request
     * @param completion position of its completion, or {@link #LOST}
     */
    @Override
    public void soDelivered(long position, long completion) {
        Words.soLong(memory, completion(position), completion);
    }

    /** Forgets all requests. The caller has stopped both the posters and the device. */
    public void clear() {
        long posted = Words.lpLong(memory, POSTED);
        Words.soLong(memory, EXECUTED, posted);
        Words.soLong(memory, RELEASED, posted);
    }
}
