package org.rddma.verbs.layer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the validation layer knows about a completion channel. */
final class ChannelNotes {
    final Set<QueueNotes> queues = ConcurrentHashMap.newKeySet();
    final AtomicLong wakeups = new AtomicLong();

    boolean wasArmed() {
        return queues.stream().anyMatch(QueueNotes::wasArmed);
    }
}
