package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.Words;

/** The entries of a send queue that concern no peer: a window is bound, or what it shows is taken away. */
final class LocalOperation {
    private static final int LOCAL_INV = WorkRequestOpcode.LOCAL_INV.value();
    private static final int BIND_MW = WorkRequestOpcode.BIND_MW.value();

    private LocalOperation() {}

    static boolean isOne(int opcode) {
        return opcode == LOCAL_INV || opcode == BIND_MW;
    }

    /** Executes an entry once; says how it ends. */
    static WorkCompletionStatus execute(QueuePairEngine owner, SendQueue sends, long position) {
        ByteBuffer entries = sends.ring().memory();
        int entry = sends.ring().entry(position);
        MemoryTable memory = owner.config().memory();
        int key = Words.lpInt(entries, entry + REMOTE_KEY);
        if (opcode(Words.lpInt(entries, entry + KIND)) == LOCAL_INV) {
            boolean done = memory.invalidate(key, owner);
            owner.awaitResponder(); // afterwards the peer does nothing more through the window
            return done ? WorkCompletionStatus.SUCCESS : WorkCompletionStatus.LOC_QP_OP_ERR;
        }
        boolean done = memory.bind(
                sends.takeWindow(position),
                owner,
                key,
                Words.lpInt(entries, entry + BOUND_KEY),
                Words.lpLong(entries, entry + REMOTE_ADDRESS),
                Words.lpLong(entries, entry + COMPARE_ADD),
                (int) Words.lpLong(entries, entry + SWAP));
        return done ? WorkCompletionStatus.SUCCESS : WorkCompletionStatus.MW_BIND_ERR;
    }
}
