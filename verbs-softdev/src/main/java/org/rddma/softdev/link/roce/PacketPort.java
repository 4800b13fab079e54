package org.rddma.softdev.link.roce;

/** Where queue pairs send packets. Safe for use by several threads. */
public interface PacketPort {
    /**
     * Lends a batch, for a short time and one thread.
     *
     * @return an empty one
     */
    TransmitBatch lend();

    /**
     * Sends what is in a batch, and takes it back.
     *
     * @param batch that was lent
     */
    void giveBack(TransmitBatch batch);

    /**
     * How many full packets may be under way to a queue pair here or at a peer that is like this, before the system
     * loses some.
     *
     * @param mtu bytes of payload
     * @return 1 to 128
     */
    int window(int mtu);

    /**
     * What happened here.
     *
     * @return counters that only grow
     */
    PacketCounters counters();
}
