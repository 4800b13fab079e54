package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.CacheLinePadded;
import org.rddma.verbs.spi.QueuePairStateRecord;

/** Carries out what peers ask for. Its caller holds the queue pair's responder lock, unless it says otherwise. */
abstract class ReceiveSide extends CacheLinePadded {
    final QueuePairEngine owner;
    final Receives receives;
    final QueuePairType type;
    final boolean reliable;

    ReceiveSide(QueuePairEngine owner, EngineConfig config, Receives receives) {
        this.owner = owner;
        this.receives = receives;
        type = config.type();
        reliable = type == QueuePairType.RC || type == QueuePairType.XRC_RECV;
    }

    /** Expects packets to be numbered from here on. */
    abstract void connect(int firstPsn);

    /**
     * The queue pair is reset or closed: forgets the message that is under way. Called before the receives are
     * cleared.
     */
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

    // ---- how what was asked for ends, whatever it came over

    static boolean isReceiving(QueuePairState state) {
        return state == QueuePairState.RTS
                || state == QueuePairState.RTR
                || state == QueuePairState.SQD
                || state == QueuePairState.SQE;
    }

    final void complete(WorkCompletionOpcode opcode, int flags, long bytes, Request request) {
        if (!receives.complete(WorkCompletionStatus.SUCCESS, opcode, flags, bytes, request, request.solicited)) {
            owner.failReceiving(QueuePairStateRecord.OVERRUN);
        }
    }

    /** The receive that a message took ends with an error, and with it the queue pair. */
    final void completeWithError(WorkCompletionStatus status, WorkCompletionOpcode opcode) {
        boolean unused = receives.complete(status, opcode, 0, 0, null, true);
        owner.failReceiving(status.name());
    }

    /** A request that may not be carried out: a reliable queue pair fails, an unreliable one drops it. */
    final int failed(int response) {
        if (reliable) { // no receive tells of it
            owner.announce(
                    response == Response.NAK_REMOTE_ACCESS ? AsyncEventType.QP_ACCESS_ERR : AsyncEventType.QP_REQ_ERR);
            owner.failReceiving(QueuePairStateRecord.PEER);
        }
        return response;
    }

    /** Memory that a peer may use was taken away, and no receive tells of it. */
    final int failedInMemory() {
        owner.announce(AsyncEventType.QP_FATAL);
        owner.failReceiving(QueuePairStateRecord.PEER);
        return Response.NAK_REMOTE_OPERATION;
    }
}
