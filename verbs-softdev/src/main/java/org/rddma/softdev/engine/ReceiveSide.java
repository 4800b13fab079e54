package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.internal.ring.CacheLinePadded;

/** Carries out what peers ask for. Its caller holds the queue pair's responder lock, unless it says otherwise. */
abstract class ReceiveSide extends CacheLinePadded {
    /** Expects packets to be numbered from here on. */
    abstract void connect(int firstPsn);

    /** The queue pair is reset or closed: forgets the message that is under way. Called before the receives are cleared. */
    void clear() {}

    /** The queue pair has failed: ends the message that is under way. Called before the receives are flushed. */
    void abort() {}

    /** Whether it uses a buffer; may be asked without the lock. */
    abstract boolean refersTo(ByteBuffer other);

    /** Lets go of the memory that was used last. */
    abstract void forgetMemory();

    /** Carries a request out, or drops it. */
    int receive(Request request) {
        throw new IllegalStateException("only packets come over this link");
    }

    /** Whether it takes requests now, of this kind, and from there; may be asked without the lock. */
    boolean listensTo(Request request) {
        return false;
    }

    /** Carries a packet out, or drops it. */
    void receive(ReceivedPacket packet, TransmitBatch answers) {
        throw new IllegalStateException("no packets come over this link");
    }

    /** Sends the answers that were put off; true when there are more than it sent. */
    boolean endRound(TransmitBatch answers) {
        return false;
    }
}
