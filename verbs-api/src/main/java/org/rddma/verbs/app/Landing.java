package org.rddma.verbs.app;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/**
 * One transfer, or a group of them, that a computation needs: has it landed? Made by {@link Landings#landing()}, and
 * like that for one thread at a time. Reusable after {@link #reset()}; asking and posting make no garbage.
 *
 * <p>The memory of its requests is the device's until it has landed. Each request is signalled, whatever its flags say;
 * its id is the program's own, but replaced on the queue pair meanwhile.
 */
public final class Landing {
    private final Landings landings;
    private int outstanding;
    private long bytes;
    private WorkCompletion failed;

    Landing(Landings landings) {
        this.landings = landings;
    }

    /**
     * Whether all that was posted to this group is done: the memory may be used. Costs a look at the completion queue
     * while something is outstanding, and nothing after that; makes no system call.
     *
     * @return false while something is under way; true when there is nothing, or never was
     * @throws RequestFailedException when all is over, but something has failed or was flushed: the first that did; the
     *     same again until {@link #reset()}
     * @throws VerbsException as {@link org.rddma.verbs.CompletionQueue#poll(WorkCompletion[])}
     */
    public boolean landed() {
        if (outstanding != 0) {
            landings.poll();
            if (outstanding != 0) {
                return false;
            }
        }
        if (failed != null) {
            throw new RequestFailedException(failed);
        }
        return true;
    }

    /**
     * Waits until it has landed, when there is nothing left to compute: polls, then gives the processor away, then
     * sleeps for moments.
     *
     * @param timeout how long; 0 or less looks once
     * @param unit of the timeout
     * @return false when it has not landed in time
     * @throws VerbsException EINVAL when the unit is null; EINTR when interrupted, and the interrupt stays set; otherwise
     *     as {@link #landed()}
     * @throws RequestFailedException as {@link #landed()}
     */
    public boolean await(long timeout, TimeUnit unit) {
        if (unit == null) {
            throw new VerbsException("Landing.await", Errno.EINVAL, "the unit of the timeout is null");
        }
        long nanos = unit.toNanos(timeout);
        long start = System.nanoTime();
        int tries = 0;
        boolean landed = landed();
        while (!landed && System.nanoTime() - start < nanos) {
            landings.pause("Landing.await", tries++);
            landed = landed();
        }
        return landed;
    }

    /**
     * Posts a request of this group to a send queue: a send, a write, a read, an atomic or whatever it can do. Waits as
     * long as it takes when the queue is full, and takes completions meanwhile.
     *
     * @param queuePair completes in the queue of the {@link Landings}
     * @param request one, without another behind it; may be reused when this returns
     * @throws VerbsException EINVAL when something is null, the request is a chain, or the queue pair completes
     *     elsewhere; EINTR when interrupted while it waits, and the interrupt stays set; as {@link
     *     QueuePair#postSend}. Then nothing is posted
     */
    public void send(QueuePair queuePair, SendRequest request) {
        for (int tries = 0; !trySend(queuePair, request); tries++) {
            makeRoom("Landing.send", tries);
        }
    }

    /**
     * As {@link #send}, but does not wait: compute on, and try again.
     *
     * @param queuePair completes in the queue of the {@link Landings}
     * @param request one, without another behind it
     * @return false when there is no room now: then nothing is posted
     * @throws VerbsException as {@link #send}, but for EINTR
     */
    public boolean trySend(QueuePair queuePair, SendRequest request) {
        if (!landings.postSend(this, queuePair, request)) {
            return false;
        }
        outstanding++;
        return true;
    }

    /**
     * Posts a receive of this group, which lands when a message has come into its memory. Waits as long as it takes when
     * the queue is full, and takes completions meanwhile.
     *
     * @param queuePair completes in the queue of the {@link Landings}
     * @param request one, without another behind it; may be reused when this returns
     * @throws VerbsException as {@link #send}, and {@link QueuePair#postReceive}
     */
    public void receive(QueuePair queuePair, ReceiveRequest request) {
        for (int tries = 0; !tryReceive(queuePair, request); tries++) {
            makeRoom("Landing.receive", tries);
        }
    }

    /**
     * As {@link #receive}, but does not wait: compute on, and try again.
     *
     * @param queuePair completes in the queue of the {@link Landings}
     * @param request one, without another behind it
     * @return false when there is no room now: then nothing is posted
     * @throws VerbsException as {@link #receive}, but for EINTR
     */
    public boolean tryReceive(QueuePair queuePair, ReceiveRequest request) {
        if (!landings.postReceive(this, queuePair, request)) {
            return false;
        }
        outstanding++;
        return true;
    }

    /**
     * How many requests have not landed, as far as is known without looking.
     *
     * @return 0 or more
     */
    public int outstanding() {
        return outstanding;
    }

    /**
     * What the completions of this group since the last {@link #reset()} say of their lengths, added up: of receives, the
     * lengths of the messages.
     *
     * @return bytes
     */
    public long bytes() {
        return bytes;
    }

    /**
     * Whether something of this group has failed or was flushed, as far as is known without looking; {@link #landed()}
     * throws it when all is over.
     *
     * @return true until {@link #reset()}
     */
    public boolean hasFailed() {
        return failed != null;
    }

    /**
     * Forgets bytes and failures, for the next transfer.
     *
     * @throws VerbsException EBUSY while something is outstanding: then nothing is changed
     */
    public void reset() {
        if (outstanding != 0) {
            throw new VerbsException(
                    "Landing.reset", Errno.EBUSY, outstanding + " requests have not landed: wait for them");
        }
        bytes = 0;
        failed = null;
    }

    /** A request is done well. */
    void end(long length) {
        outstanding--;
        bytes += length;
    }

    /** A request is done, but not well. */
    void fail(WorkCompletion how) {
        outstanding--;
        if (failed == null) {
            failed = how;
        }
    }

    private void makeRoom(String verb, int tries) {
        if (landings.poll() == 0) {
            landings.pause(verb, tries);
        }
    }

    @Override
    public String toString() {
        return "landing of " + outstanding + " requests" + (failed == null ? "" : ", failed: " + failed);
    }
}
