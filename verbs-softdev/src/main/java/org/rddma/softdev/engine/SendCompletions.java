package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketCounters;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.QueuePairStateRecord;

/** Executes the oldest entry of a send queue: notes that it is done, and tells the completion queue. */
final class SendCompletions {
    private final QueuePairEngine owner;
    private final WorkRing ring;
    private final Completer completer;
    private final PacketCounters counters;
    private final boolean signalAll;
    private final boolean reliable;
    private final int number;

    SendCompletions(QueuePairEngine owner, EngineConfig config, WorkRing ring) {
        this.owner = owner;
        this.ring = ring;
        completer = config.sends();
        counters = config.port().counters();
        signalAll = config.signalAll();
        reliable = config.type() == QueuePairType.RC;
        number = config.number();
    }

    /** The oldest entry is carried out. */
    void succeed() {
        long position = ring.lpExecuted();
        int entry = ring.entry(position);
        int kind = Words.lpInt(ring.memory(), entry + KIND);
        WorkCompletionOpcode opcode = Requester.completionOpcode(opcode(kind));
        if (opcode == WorkCompletionOpcode.SEND) {
            counters.count(PacketCounter.SENDS);
        }
        if (!signalAll && (flags(kind) & SendFlags.SIGNALED) == 0) {
            ring.soExecuted(position, WorkRing.UNSIGNALED);
            return;
        }
        int bytes = Words.lpInt(ring.memory(), entry + DATA_BYTES);
        if (!complete(position, entry, WorkCompletionStatus.SUCCESS, opcode, bytes, false)) {
            owner.failRunning(QueuePairStateRecord.OVERRUN);
        }
    }

    /** The oldest entry cannot be carried out, and what is behind it will not be: who polls its end finds the state so. */
    void fail(WorkCompletionStatus status) {
        if (!reliable) {
            owner.failSendQueue(status.name());
            end(status);
            return;
        }
        boolean flushes = owner.toError(status.name());
        end(status);
        if (flushes) {
            owner.flushReceives();
        }
    }

    /** The oldest entry ends with an error. */
    void end(WorkCompletionStatus status) {
        long position = ring.lpExecuted();
        int entry = ring.entry(position);
        int kind = Words.lpInt(ring.memory(), entry + KIND);
        boolean unused = complete(position, entry, status, Requester.completionOpcode(opcode(kind)), 0, true);
    }

    private boolean complete(
            long position,
            int entry,
            WorkCompletionStatus status,
            WorkCompletionOpcode opcode,
            int bytes,
            boolean solicited) {
        return completer.complete(
                Words.lpLong(ring.memory(), entry + WR_ID),
                status.value(),
                opcode.value(),
                0,
                bytes,
                0,
                number,
                0,
                0,
                solicited,
                ring,
                position);
    }
}
