package org.rddma.softdev.link;

import org.rddma.softdev.engine.QueuePairEngine;

/** Who is on a fabric. */
@FunctionalInterface
public interface PeerDirectory {
    /**
     * Finds a queue pair. Safe for use by several threads.
     *
     * @param gidHigh first half of its port's GID
     * @param gidLow second half of its port's GID
     * @param queuePair its number
     * @return null when there is none
     */
    QueuePairEngine find(long gidHigh, long gidLow, int queuePair);
}
