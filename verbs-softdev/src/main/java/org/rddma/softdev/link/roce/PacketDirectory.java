package org.rddma.softdev.link.roce;

/** The queue pairs of a port. Safe for use by several threads. */
public interface PacketDirectory {
    /**
     * Finds a queue pair.
     *
     * @param number of it
     * @return null when there is none
     */
    PacketSink find(int number);

    /**
     * The queue pairs that are attached to a multicast group.
     *
     * @param gidHigh first half of the group's GID
     * @param gidLow second half of the group's GID
     * @return not to be changed; empty when there are none
     */
    PacketSink[] group(long gidHigh, long gidLow);
}
