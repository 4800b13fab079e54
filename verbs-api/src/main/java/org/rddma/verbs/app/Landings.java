package org.rddma.verbs.app;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * The compute-first style: a computation that looks now and then, for next to nothing, whether the data that it needs
 * next has come ({@link Landing}). There is no other thread, no callback and no wait: completions are taken when somebody
 * asks.
 *
 * <p>For one thread at a time, which alone polls the completion queue; the queue needs no channel. It may be that of many
 * queue pairs. Holds nothing that must be closed.
 */
public final class Landings {
    /*
     * A table of slots, as many as requests may be outstanding. The id that a request is posted with names its slot in
     * the low bits, and above them counts, from anywhere on: an id that is not the one its slot was last given belongs
     * to somebody else.
     */
    private static final String VERB = "Landings";
    private static final int BATCH = 16;
    private static final int SPINS = 1_000;
    private static final int YIELDS = 100;
    private static final long NAP_NANOS = 20_000;

    private final CompletionQueue queue;
    private final CompletionHandler others;
    private final WorkCompletion[] batch = WorkCompletion.array(BATCH);
    private final int slotBits;
    private final Landing[] landings;
    private final QueuePair[] pairs;
    private final long[] tokens;
    private final long[] wrIds;
    private final int[] free;
    private int freeCount;
    private long count = ThreadLocalRandom.current().nextLong();

    private Landings(CompletionQueue queue, int maxOutstanding, CompletionHandler others) {
        this.queue = queue;
        this.others = others;
        slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(maxOutstanding - 1);
        landings = new Landing[maxOutstanding];
        pairs = new QueuePair[maxOutstanding];
        tokens = new long[maxOutstanding];
        wrIds = new long[maxOutstanding];
        free = new int[maxOutstanding];
        for (int slot = maxOutstanding - 1; slot >= 0; slot--) {
            free[freeCount++] = slot;
        }
    }

    /**
     * Landings of requests that complete in a queue, of which as many may be outstanding as it has room for.
     *
     * @param queue nobody else polls it
     * @return with nothing outstanding
     * @throws VerbsException EINVAL when it is null
     */
    public static Landings of(CompletionQueue queue) {
        if (queue == null) {
            throw new VerbsException(VERB, Errno.EINVAL, "the queue is null");
        }
        return of(queue, queue.capacity(), completion -> {});
    }

    /**
     * Landings of requests that complete in a queue.
     *
     * @param queue nobody else polls it
     * @param maxOutstanding how many requests may be outstanding, 1 to the capacity of the queue: less where others
     *     complete in it too, so that it is never overrun
     * @param others gets the completions of requests that were posted by others; they are only lent, and it
     *     must not use these landings
     * @return with nothing outstanding
     * @throws VerbsException EINVAL when something is null or out of range
     */
    public static Landings of(CompletionQueue queue, int maxOutstanding, CompletionHandler others) {
        if (queue == null || others == null) {
            throw new VerbsException(VERB, Errno.EINVAL, "the queue or the handler is null");
        }
        if (maxOutstanding < 1 || maxOutstanding > queue.capacity()) {
            throw new VerbsException(
                    VERB,
                    Errno.EINVAL,
                    "there may be 1 to " + queue.capacity() + " requests outstanding on " + queue + ", not "
                            + maxOutstanding);
        }
        return new Landings(queue, maxOutstanding, others);
    }

    /**
     * A group of transfers, or one of them. Allocates; keep it.
     *
     * @return a new group, in which nothing is outstanding
     */
    public Landing landing() {
        return new Landing(this);
    }

    /**
     * Takes all completions that are there. What asks for a landing does it; call it when the computation has none to
     * ask for, but others wait for room.
     *
     * @return how many there were
     * @throws VerbsException as {@link CompletionQueue#poll(WorkCompletion[])}; what {@code others} throws comes out of
     *     this, after the other completions that were taken with it are accounted for
     */
    public int poll() {
        int all = 0;
        int taken;
        do {
            taken = queue.poll(batch);
            all += taken;
            land(taken);
        } while (taken == BATCH);
        return all;
    }

    /**
     * How many requests have not landed, of all groups, as far as is known without looking.
     *
     * @return 0 or more
     */
    public int outstanding() {
        return free.length - freeCount;
    }

    /**
     * Gives up what is outstanding on a queue pair that was closed or reset, and so will have no completions: it counts
     * as flushed. What has completed before is taken first.
     *
     * @param queuePair closed or reset
     * @return how many requests were given up
     * @throws VerbsException as {@link #poll()}
     */
    public int giveUp(QueuePair queuePair) {
        int unused = poll();
        int given = 0;
        for (int slot = 0; slot < landings.length; slot++) {
            if (landings[slot] != null && pairs[slot] == queuePair) {
                Landing landing = landings[slot];
                WorkCompletion flushed = failureOf(slot, WorkCompletionStatus.WR_FLUSH_ERR, 0, queuePair.number());
                free(slot);
                landing.fail(flushed);
                given++;
            }
        }
        return given;
    }

    // ---- posting

    boolean postSend(Landing landing, QueuePair queuePair, SendRequest request) {
        String verb = "Landing.send";
        requireArguments(verb, queuePair, request);
        if (request.next() != null) {
            throw chain(verb, request.toString());
        }
        requireHere(verb, queuePair, queuePair.sendCompletionQueue());
        if (freeCount == 0) {
            return false;
        }
        int slot = free[freeCount - 1];
        long token = token(slot);
        long wrId = request.wrId();
        int flags = request.flags();
        request.wrId(token).flags(flags | SendFlags.SIGNALED); // without it nobody would learn that it has landed
        try {
            if (queuePair.postSend(request) != null) {
                return false;
            }
        } finally {
            request.wrId(wrId).flags(flags);
        }
        occupy(slot, landing, queuePair, token, wrId);
        return true;
    }

    boolean postReceive(Landing landing, QueuePair queuePair, ReceiveRequest request) {
        String verb = "Landing.receive";
        requireArguments(verb, queuePair, request);
        if (request.next() != null) {
            throw chain(verb, request.toString());
        }
        requireHere(verb, queuePair, queuePair.receiveCompletionQueue());
        if (freeCount == 0) {
            return false;
        }
        int slot = free[freeCount - 1];
        long token = token(slot);
        long wrId = request.wrId();
        request.wrId(token);
        try {
            if (queuePair.postReceive(request) != null) {
                return false;
            }
        } finally {
            request.wrId(wrId);
        }
        occupy(slot, landing, queuePair, token, wrId);
        return true;
    }

    /** Between two looks of somebody who has nothing else to do. */
    void pause(String verb, int tries) {
        if (Thread.currentThread().isInterrupted()) {
            throw new VerbsException(verb, Errno.EINTR, "the thread was interrupted while it waited");
        }
        if (tries < SPINS) {
            Thread.onSpinWait();
        } else if (tries < SPINS + YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(this, NAP_NANOS);
        }
    }

    private long token(int slot) {
        return count++ << slotBits | slot;
    }

    private void occupy(int slot, Landing landing, QueuePair queuePair, long token, long wrId) {
        freeCount--;
        landings[slot] = landing;
        pairs[slot] = queuePair;
        tokens[slot] = token;
        wrIds[slot] = wrId;
    }

    private void free(int slot) {
        landings[slot] = null;
        pairs[slot] = null;
        free[freeCount++] = slot;
    }

    // ---- landing

    private void land(int taken) {
        RuntimeException thrown = null;
        for (int i = 0; i < taken; i++) {
            WorkCompletion completion = batch[i];
            int slot = (int) (completion.wrId() & (1L << slotBits) - 1);
            if (slot < landings.length && landings[slot] != null && tokens[slot] == completion.wrId()) {
                land(slot, completion);
                continue;
            }
            try {
                others.onCompletion(completion);
            } catch (RuntimeException e) { // what was taken with it must not be lost
                thrown = e;
            }
        }
        if (thrown != null) {
            throw thrown;
        }
    }

    private void land(int slot, WorkCompletion completion) {
        Landing landing = landings[slot];
        if (completion.isSuccess()) {
            free(slot);
            landing.end(completion.byteLength());
            return;
        }
        WorkCompletionStatus status = completion.status();
        WorkCompletion failure = failureOf(
                slot,
                status == null ? WorkCompletionStatus.GENERAL_ERR : status,
                completion.vendorError(),
                completion.queuePairNumber());
        free(slot);
        landing.fail(failure);
    }

    private WorkCompletion failureOf(int slot, WorkCompletionStatus status, int vendorError, int queuePairNumber) {
        return new WorkCompletion()
                .set(wrIds[slot], status.value(), 0, 0, vendorError, 0, 0, queuePairNumber, 0, 0, 0, 0, 0);
    }

    private static void requireArguments(String verb, QueuePair queuePair, Object request) {
        if (queuePair == null || request == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the queue pair or the request is null");
        }
    }

    private void requireHere(String verb, QueuePair queuePair, CompletionQueue completes) {
        if (completes != queue) {
            throw new VerbsException(
                    verb, Errno.EINVAL, queuePair + " completes in " + completes + ", not in " + queue);
        }
    }

    private static VerbsException chain(String verb, String request) {
        return new VerbsException(
                verb, Errno.EINVAL, request + " has another behind it: submit them one by one to the same landing");
    }
}
