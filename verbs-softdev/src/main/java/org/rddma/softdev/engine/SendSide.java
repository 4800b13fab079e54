package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.internal.ring.CacheLinePadded;

/**
 * Executes the entries of a send queue. Run by whoever holds the right to run (see {@link Doorbell}), and all else here
 * is called with that right, unless it says otherwise.
 */
abstract class SendSide extends CacheLinePadded {
    /** Begins to number packets anew. */
    abstract void connect(int firstPsn);

    /** The attributes of the connection have changed. */
    abstract void reconfigure(QueuePairAttributes changes);

    /** Forgets all entries. */
    abstract void clear();

    /**
     * Executes entries until none is left that can be executed now, or the limit is reached, or another thread wants
     * this one to leave.
     *
     * @param limit position before which to stop
     * @return false when entries are left that could be executed now
     */
    abstract boolean run(long limit);

    /** Whether there is an entry that could be executed now. */
    abstract boolean hasNext();

    /** The next entry in words, for a trace: its id, its operation and its size. */
    abstract String describeNext();

    /** Whether a request that is posted now would be the next to be executed, at once. */
    abstract boolean isIdle();

    /**
     * Executes a short request that nothing is ahead of, straight from the caller's object. The caller holds the right
     * to post and to run, and has seen that there is room.
     *
     * @return whether it was posted; false, and nothing done, when it must be written down first
     */
    abstract boolean executeNow(SendRequest work, int bytes, SendQueue writer);

    /** Whether a request is this side's own; may be asked without any right. */
    abstract boolean isSending(Request other);

    /** Whether an entry is begun and not finished. */
    abstract boolean isUnderWay();

    /** Whether it uses a buffer; may be asked without any right. */
    abstract boolean refersTo(ByteBuffer other);

    /** Lets go of the memory that was used last. */
    abstract void forgetMemory();

    /** An answer of the peer has come. */
    void receive(ReceivedPacket packet) {
        throw new IllegalStateException("no packets come over this link");
    }

    // ---- counters, for those who only look

    abstract long timeoutRetries();

    abstract long notReadyRetries();

    abstract long dropped();
}
