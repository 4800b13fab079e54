package org.rddma.softdev.link;

import org.rddma.softdev.engine.QueuePairEngine;

/** Who can be reached. Safe for use by several threads. */
public interface PeerDirectory {
    /**
     * Finds a queue pair.
     *
     * @param gidHigh first half of its port's GID
     * @param gidLow second half of its port's GID
     * @param queuePair its number
     * @return null when there is none
     */
    QueuePairEngine find(long gidHigh, long gidLow, int queuePair);

    /**
     * The queue pairs that are attached to a multicast group.
     *
     * @param gidHigh first half of the group's GID
     * @param gidLow second half of the group's GID
     * @return not to be changed; empty when there are none
     */
    QueuePairEngine[] group(long gidHigh, long gidLow);

    /**
     * A number that is another one when something that was found before may not be found any more. Look at it before
     * you look for something that you keep.
     *
     * @return any number
     */
    int version();
}
