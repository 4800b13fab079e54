package org.rddma.verbs.layer;

import org.rddma.verbs.SharedReceiveQueue;

/** What the validation layer knows about a shared receive queue. */
final class SharedNotes {
    final SharedReceiveQueue target;
    final Work receives = new Work();
    final Owed asyncEvents = new Owed();

    SharedNotes(SharedReceiveQueue target) {
        this.target = target;
    }
}
