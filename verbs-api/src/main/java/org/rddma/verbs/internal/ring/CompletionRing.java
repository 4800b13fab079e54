package org.rddma.verbs.internal.ring;

import static org.rddma.verbs.internal.ring.CompletionEntryDescriptor.*;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
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
     */

    /** The arm word: no event wanted. */
    public static final int DISARMED = 0;
    /** The arm word: an event wanted for a solicited completion. */
    public static final int ARMED_SOLICITED = 1;
    /** The arm word: an event wanted for any completion. */
    public static final int ARMED_ANY = 2;

    private final ByteBuffer memory;
    private final int capacity;
    private final int mask;
    private final int shift;

    /**
     * An empty ring.
     *
     * @param entries at least 1
     */
    public CompletionRing(int entries) {
        shift = entries == 1 ? 0 : 32 - Integer.numberOfLeadingZeros(entries - 1);
        capacity = 1 << shift;
        mask = capacity - 1;
        memory = Os.allocate(ENTRIES + (long) capacity * ENTRY_BYTES, ENTRY_BYTES, "createCompletionQueue");
    }

    /**
     * How many entries it has.
     *
     * @return a power of two
     */
    public int capacity() {
        return capacity;
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
        long position = Words.lpLong(memory, PRODUCER_POSITION);
        if (position - Words.lpLong(memory, CACHED_CONSUMER_POSITION) >= capacity) {
            long consumed = laConsumerPosition();
            Words.spLong(memory, CACHED_CONSUMER_POSITION, consumed);
            if (position - consumed >= capacity) {
                return -1;
            }
        }
        int entry = entry(position);
        Words.spInt(memory, entry + KIND, kind(status, opcode, flags));
        Words.spLong(memory, entry + WR_ID, wrId);
        Words.spInt(memory, entry + BYTE_LENGTH, byteLength);
        Words.spInt(memory, entry + IMMEDIATE, immediate);
        Words.spInt(memory, entry + QUEUE_PAIR, queuePair);
        Words.spInt(memory, entry + SOURCE_QUEUE_PAIR, sourceQueuePair);
        Words.spInt(memory, entry + VENDOR_ERROR, vendorError);
        Words.spInt(memory, entry + PKEY_AND_LID, pkeyAndLid(pkeyIndex, 0));
        Words.spInt(memory, entry + LEVEL_AND_PATH, levelAndPath(serviceLevel, 0));
        return position;
    }

    /**
     * Lets consumers see the completion that was written last.
     *
     * @param position what {@link #write} returned
     */
    public void publish(long position) {
        Words.spLong(memory, PRODUCER_POSITION, position + 1);
        Words.soInt(memory, entry(position) + GENERATION, generation(position));
    }

    /**
     * Takes the arm if this completion is one that it waits for. To be called after {@link #publish}, with a full
     * fence in between that is made here.
     *
     * @param solicited whether the completion is
     * @return true when an event must be raised
     */
    public boolean takeArm(boolean solicited) {
        VarHandle.fullFence();
        int armed = Words.lvInt(memory, ARM);
        if (armed == DISARMED || armed == ARMED_SOLICITED && !solicited) {
            return false;
        }
        return Words.xchgInt(memory, ARM, DISARMED) != DISARMED;
    }

    // ---- consumers, any number

    /**
     * Takes completions out.
     *
     * @param completions to be filled
     * @return how many
     */
    public int poll(WorkCompletion[] completions) {
        while (true) {
            long position = laConsumerPosition();
            int count = 0;
            while (count < completions.length && isThere(position + count)) {
                WorkCompletion completion = completions[count];
                if (completion == null) {
                    throw new VerbsException(
                            "poll",
                            Errno.EINVAL,
                            "element " + count + " of the array is null: use WorkCompletion.array");
                }
                read(position + count, completion);
                count++;
            }
            if (count == 0 || casConsumerPosition(position, position + count)) {
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
        while (true) {
            long position = laConsumerPosition();
            if (!isThere(position)) {
                return false;
            }
            read(position, completion);
            if (casConsumerPosition(position, position + 1)) {
                return true;
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
        return !isThere(laConsumerPosition());
    }

    /**
     * Arms, with a full fence behind. An arm for any completion is kept.
     *
     * @param kind ARMED_SOLICITED or ARMED_ANY
     */
    public void arm(int kind) {
        if (kind == ARMED_ANY) {
            Words.svInt(memory, ARM, ARMED_ANY);
        } else {
            boolean unused = Words.casInt(memory, ARM, DISARMED, ARMED_SOLICITED);
        }
    }

    /** Takes the arm away. */
    public void disarm() {
        Words.svInt(memory, ARM, DISARMED);
    }

    /**
     * The arm word, for diagnostics.
     *
     * @return DISARMED, ARMED_SOLICITED or ARMED_ANY
     */
    public int armed() {
        return Words.lvInt(memory, ARM);
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
     * @param words six longs to be filled: the first 48 bytes of the entry
     * @return false when the ring was empty
     */
    boolean poll(long[] words) {
        while (true) {
            long position = laConsumerPosition();
            if (!isThere(position)) {
                return false;
            }
            int entry = entry(position);
            for (int i = 0; i < words.length; i++) {
                words[i] = Words.lpLong(memory, entry + i * Long.BYTES);
            }
            if (casConsumerPosition(position, position + 1)) {
                return true;
            }
        }
    }

    private void read(long position, WorkCompletion into) {
        int entry = entry(position);
        int kind = Words.lpInt(memory, entry + KIND);
        int pkeyAndLid = Words.lpInt(memory, entry + PKEY_AND_LID);
        int levelAndPath = Words.lpInt(memory, entry + LEVEL_AND_PATH);
        into.set(
                Words.lpLong(memory, entry + WR_ID),
                status(kind),
                opcode(kind),
                flags(kind),
                Words.lpInt(memory, entry + VENDOR_ERROR),
                Integer.toUnsignedLong(Words.lpInt(memory, entry + BYTE_LENGTH)),
                Words.lpInt(memory, entry + IMMEDIATE),
                Words.lpInt(memory, entry + QUEUE_PAIR),
                Words.lpInt(memory, entry + SOURCE_QUEUE_PAIR),
                pkeyIndex(pkeyAndLid),
                lid(pkeyAndLid),
                serviceLevel(levelAndPath),
                pathBits(levelAndPath));
    }

    private boolean isThere(long position) {
        return Words.laInt(memory, entry(position) + GENERATION) == generation(position);
    }

    private int entry(long position) {
        return ENTRIES + (((int) position & mask) << ENTRY_SHIFT);
    }

    private int generation(long position) {
        return (int) (position >>> shift) + 1;
    }

    private long laConsumerPosition() {
        return Words.laLong(memory, CONSUMER_POSITION);
    }

    private boolean casConsumerPosition(long expected, long position) {
        return Words.casLong(memory, CONSUMER_POSITION, expected, position);
    }
}
