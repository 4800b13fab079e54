package org.rddma.verbs.internal.ring;

import static org.rddma.verbs.internal.ring.CompletionEntryDescriptor.*;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.internal.os.Os;

/**
 * The ring of a completion queue.
 */
public final class CompletionRing {
    /*
     * Consumers hold no lock. A consumer reads the entries at the consumer position, then moves the position over
     * them with one compare-and-set. The producer does not overwrite an entry before the position has passed it, so
     * if the compare-and-set succeeds, what was read is whole and nobody else has it; if another consumer was faster
     * it fails, and what was read (perhaps torn by then) is read again from the new position.
     *
     * Producers take turns under a lock of the queue's owner. They look at the consumer position, which is on a cache
     * line that the consumers keep writing, only when the ring looks full by the position that they saw last.
     *
     * Arming. The consumer writes the arm word, then looks whether the ring is empty; the producer publishes the
     * entry, then looks at the arm word; each has a full fence in between, so at least one of them sees the other.
     * The producer takes the arm with an exchange: of all that see it armed one raises the event.
     *
     * Resizing. Positions go on for ever and do not depend on the capacity; only where the entries lie does. Under
     * the producers' lock, what is not polled is copied into new entries, which then replace the old ones. The old
     * ones are never written again. A consumer reads the position first and the entries second. If it gets the old
     * entries, then
     *   - an entry that it finds there is the same as its copy, and the position decides who gets it, as ever;
     *   - if it finds none, then none was published when it got the old entries: the ring was empty at that moment.
     * If it gets the new entries with a position from before the replacement, others may have gone past that position,
     * and what they took was not copied. Therefore, where there is nothing, it looks at the position again.
     *
     * Promises. With `singleThreaded` the position is moved by a store. With `ignoreOverrun` the producer writes
     * without looking for room. It then takes an entry away before it writes over it, so that a consumer that reads
     * meanwhile sees that and does not believe what it read. An entry is overwritten before those behind it, so of
     * several it is enough to look at the first. A consumer that the producer has lapped finds a generation that is
     * neither its own nor the one before, and skips to the oldest entry that is left; if that is gone too by then, it
     * leaves out half of the rest, and so on: it comes to an end however fast the producer is.
     */

    /** The arm word: no event wanted. */
    public static final int DISARMED = 0;
    /** The arm word: an event wanted for a solicited completion. */
    public static final int ARMED_SOLICITED = 1;
    /** The arm word: an event wanted for any completion. */
    public static final int ARMED_ANY = 2;

    /** So often a consumer may be lapped before it gives up: until then it has left out everything. */
    private static final int MOST_SKIPS = 32;

    private final ByteBuffer control = Os.allocate(CONTROL_BYTES, 128, "createCompletionQueue");
    private final int fields;
    private final boolean singleThreaded;
    private final boolean ignoreOverrun;
    private volatile CompletionEntries entries;

    /**
     * An empty ring with all fields but the time stamps, and no promises.
     *
     * @param entries at least 1
     */
    public CompletionRing(int entries) {
        this(entries, CompletionFields.STANDARD, false, false);
    }

    /**
     * An empty ring.
     *
     * @param entries at least 1
     * @param fields bits of {@link CompletionFields}
     * @param singleThreaded whether one thread at a time consumes
     * @param ignoreOverrun whether producers need not look for room
     */
    public CompletionRing(int entries, int fields, boolean singleThreaded, boolean ignoreOverrun) {
        this.fields = fields;
        this.singleThreaded = singleThreaded;
        this.ignoreOverrun = ignoreOverrun;
        this.entries = new CompletionEntries(entries, fields, "createCompletionQueue");
    }

    /**
     * How many entries it has.
     *
     * @return a power of two
     */
    public int capacity() {
        return entries.capacity();
    }

    int fields() {
        return fields;
    }

    // ---- producers, one at a time

    /**
     * Writes a completion, which nobody sees before it is published.
     *
     * @return its position, by which {@link #publish} and {@link #isPolled} know it; -1 when the ring is full
     */
    public long write(
            long wrId,
            int status,
            int opcode,
            int flags,
            int vendorError,
            int byteLength,
            int immediate,
            int queuePair,
            int sourceQueuePair,
            int pkeyIndex,
            int serviceLevel) {
        CompletionEntries target = entries;
        long position = Words.lpLong(control, PRODUCER_POSITION);
        if (ignoreOverrun) {
            target.takeAway(position);
        } else if (position - Words.lpLong(control, CACHED_CONSUMER_POSITION) >= target.capacity()) {
            long consumed = laConsumerPosition();
            Words.spLong(control, CACHED_CONSUMER_POSITION, consumed);
            if (position - consumed >= target.capacity()) {
                return -1;
            }
        }
        target.write(
                position,
                wrId,
                kind(status, opcode, flags),
                vendorError,
                byteLength,
                immediate,
                queuePair,
                sourceQueuePair,
                pkeyIndex,
                serviceLevel);
        return position;
    }

    /**
     * Adds the device's own time to the completion that was written last.
     *
     * @param position what {@link #write} returned
     * @param ticks of the device's clock
     */
    public void writeRawTime(long position, long ticks) {
        entries.writeRawTime(position, ticks);
    }

    /**
     * Adds the wall clock's time to the completion that was written last.
     *
     * @param position what {@link #write} returned
     * @param nanos since 1970
     */
    public void writeWallTime(long position, long nanos) {
        entries.writeWallTime(position, nanos);
    }

    /**
     * Lets consumers see the completion that was written last.
     *
     * @param position what {@link #write} returned
     */
    public void publish(long position) {
        entries.soThere(position);
        Words.soLong(control, PRODUCER_POSITION, position + 1); // second: what lies before it was there
    }

    /**
     * Changes how many entries it has. Consumers may be at work meanwhile.
     *
     * @param least how many at least
     * @param producers the lock under which producers take turns, which the caller does not hold
     * @throws VerbsException EINVAL when there are more completions in it; ENOMEM without memory
     */
    public void resize(int least, SpinLock producers) {
        CompletionEntries resized = new CompletionEntries(least, fields, "resize");
        producers.lock();
        try {
            CompletionEntries old = entries;
            long produced = Words.lpLong(control, PRODUCER_POSITION);
            long first = Math.max(laConsumerPosition(), produced - old.capacity());
            if (produced - first > least) {
                throw new VerbsException(
                        "resize",
                        Errno.EINVAL,
                        (produced - first) + " completions are in the queue, " + least
                                + " would not hold them: poll first, or ask for more");
            }
            resized.copy(old, first, produced);
            entries = resized;
        } finally {
            producers.unlock();
        }
    }

    /**
     * Takes the arm if this completion is one that it waits for. To be called after {@link #publish}, with a full
     * fence in between that is made here.
     *
     * @param solicited whether the completion is
     * @return true when an event must be raised
     */
    public boolean takeArm(boolean solicited) {
        return isArmedFor(solicited) && Words.xchgInt(control, ARM, DISARMED) != DISARMED;
    }

    /**
     * Whether a completion is one that the arm waits for. To be called after {@link #publish}, with a full fence in
     * between that is made here.
     *
     * @param solicited whether the completion is
     * @return true when an event is wanted for it
     */
    public boolean isArmedFor(boolean solicited) {
        VarHandle.fullFence();
        int armed = Words.lvInt(control, ARM);
        return armed == ARMED_ANY || armed == ARMED_SOLICITED && solicited;
    }

    // ---- consumers, any number

    /**
     * Takes completions out.
     *
     * @param completions to be filled
     * @return how many
     */
    public int poll(WorkCompletion[] completions) {
        for (int misses = 0; ; ) {
            long position = laConsumerPosition();
            CompletionEntries source = entries;
            int count = 0;
            while (count < completions.length && source.isThere(position + count)) {
                WorkCompletion completion = completions[count];
                if (completion == null) {
                    throw new VerbsException(
                            "poll",
                            Errno.EINVAL,
                            "element " + count + " of the array is null: use WorkCompletion.array");
                }
                source.read(position + count, completion);
                count++;
            }
            if (count > 0 ? take(source, position, count) : isEmptyAt(position, misses++)) {
                return count;
            }
        }
    }

    /**
     * Takes one completion out.
     *
     * @param completion to be filled
     * @return false when the ring was empty
     */
    public boolean poll(WorkCompletion completion) {
        for (int misses = 0; ; ) {
            long position = laConsumerPosition();
            CompletionEntries source = entries;
            if (source.isThere(position)) {
                source.read(position, completion);
                if (take(source, position, 1)) {
                    return true;
                }
            } else if (isEmptyAt(position, misses++)) {
                return false;
            }
        }
    }

    /**
     * Takes completions out and hands each to a handler.
     *
     * @param handler called for each
     * @param limit how many at most
     * @param scratch what the handler is given
     * @return how many
     */
    public int poll(CompletionHandler handler, int limit, WorkCompletion scratch) {
        int count = 0;
        while (count < limit && poll(scratch)) {
            count++;
            handler.onCompletion(scratch);
        }
        return count;
    }

    /**
     * Whether there is nothing to take out.
     *
     * @return true when the ring is empty now
     */
    public boolean isEmpty() {
        while (true) {
            long position = laConsumerPosition();
            if (entries.isThere(position)) {
                return false;
            }
            if (laConsumerPosition() == position) {
                return !(isTrusting() && isLapped(position));
            }
        }
    }

    /**
     * Arms, with a full fence behind. An arm for any completion is kept.
     *
     * @param kind ARMED_SOLICITED or ARMED_ANY
     */
    public void arm(int kind) {
        if (kind == ARMED_ANY) {
            Words.svInt(control, ARM, ARMED_ANY);
        } else {
            boolean unused = Words.casInt(control, ARM, DISARMED, ARMED_SOLICITED);
        }
    }

    /** Takes the arm away. */
    public void disarm() {
        Words.svInt(control, ARM, DISARMED);
    }

    /**
     * The arm word, for diagnostics.
     *
     * @return DISARMED, ARMED_SOLICITED or ARMED_ANY
     */
    public int armed() {
        return Words.lvInt(control, ARM);
    }

    /**
     * How many completions were published, for diagnostics.
     *
     * @return position of the next
     */
    public long produced() {
        return Words.laLong(control, PRODUCER_POSITION);
    }

    /**
     * How many completions were taken out, for diagnostics.
     *
     * @return position of the next
     */
    public long consumed() {
        return laConsumerPosition();
    }

    /**
     * Whether a completion has been taken out.
     *
     * @param position what {@link #write} returned for it
     * @return true when it has
     */
    public boolean isPolled(long position) {
        return laConsumerPosition() > position;
    }

    /**
     * Reads the words of the next entry and takes it out.
     *
     * @param words to be filled with the entry from its beginning
     * @return false when the ring was empty
     */
    boolean poll(long[] words) {
        for (int misses = 0; ; ) {
            long position = laConsumerPosition();
            CompletionEntries source = entries;
            if (source.isThere(position)) {
                source.read(position, words);
                if (take(source, position, 1)) {
                    return true;
                }
            } else if (isEmptyAt(position, misses++)) {
                return false;
            }
        }
    }

    /** Makes what was read the caller's own; false when it is another consumer's, or was overwritten meanwhile. */
    private boolean take(CompletionEntries source, long position, int count) {
        return (!ignoreOverrun || source.isStillThere(position)) && moveConsumerPosition(position, position + count);
    }

    /** Where nothing was found: whether there is nothing, or the consumer must look again. */
    private boolean isEmptyAt(long position, int misses) {
        return laConsumerPosition() == position && !(isTrusting() && skip(position, misses));
    }

    /** Whether a promise was made whose breach can leave a consumer behind the producer's last round. */
    private boolean isTrusting() {
        return ignoreOverrun || singleThreaded;
    }

    /** Whether a completion was published at a position where none is found. */
    private boolean isLapped(long position) {
        return !entries.isAwaited(position) && Words.laLong(control, PRODUCER_POSITION) > position;
    }

    /** Leaves out what was overwritten; false when nothing was, or when the producer is too fast for this consumer. */
    private boolean skip(long position, int misses) {
        if (misses >= MOST_SKIPS || !isLapped(position)) {
            return false;
        }
        CompletionEntries current = entries;
        if (!current.isThere(position)) { // it may have come just now
            long oldest = Words.laLong(control, PRODUCER_POSITION) - (current.capacity() >> misses);
            boolean unused = moveConsumerPosition(position, Math.max(position + 1, oldest));
        }
        return true;
    }

    private long laConsumerPosition() {
        return Words.laLong(control, CONSUMER_POSITION);
    }

    private boolean moveConsumerPosition(long from, long to) {
        if (singleThreaded) {
            Words.soLong(control, CONSUMER_POSITION, to);
            return true;
        }
        return Words.casLong(control, CONSUMER_POSITION, from, to);
    }
}
