package org.rddma.verbs.layer;

import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairType;

/** What the validation layer knows about a queue pair. */
final class PairNotes {
    final QueuePair target;
    final int number;
    final boolean datagrams;
    final boolean signalAll;
    final int maxSends;
    final Work sends = new Work();
    final Owed asyncEvents = new Owed();

    /** Where its receives are posted: its own, or those of a shared queue. Set before the program has the queue pair. */
    volatile Work receives = new Work();

    /** Where its completions go; null for none. Set before the program has the queue pair. */
    volatile QueueNotes sendQueue;

    volatile QueueNotes receiveQueue;

    /** Whether what it completes can be told from what it is still at work on; not so once it has failed. */
    volatile boolean followed = true;

    PairNotes(QueuePair target) {
        this.target = target;
        number = target.number();
        datagrams = target.type() == QueuePairType.UD;
        signalAll = target.signalAll();
        maxSends = target.capabilities().maxSendRequests();
    }

    /** Whether its completions say which queue pair they are of. */
    boolean canBeFollowed() {
        return names(sendQueue) && names(receiveQueue);
    }

    private static boolean names(QueueNotes queue) {
        return queue != null && (queue.fields & CompletionFields.QUEUE_PAIR) != 0;
    }

    boolean ownsReceives() {
        return target.sharedReceiveQueue() == null;
    }
}
