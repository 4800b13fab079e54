package org.rddma.softdev.engine;

import org.rddma.verbs.AddressVector;

/** What a datagram's address handle means to the device. */
public interface DatagramRoute {
    /**
     * Whose it is.
     *
     * @return the protection domain
     */
    Object domain();

    /**
     * Whether it is closed.
     *
     * @return true when it cannot be used any more
     */
    boolean isClosed();

    /**
     * What it was made from.
     *
     * @return the way to the peer
     */
    AddressVector vector();

    /**
     * The vector's small fields, as {@link org.rddma.verbs.internal.ring.SendEntryDescriptor} packs them.
     *
     * @return 64 bits
     */
    long way();
}
