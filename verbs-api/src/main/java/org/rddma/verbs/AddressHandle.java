package org.rddma.verbs;

/** The way to a peer, for datagrams ({@code struct ibv_ah}). Safe for use by several threads. */
public interface AddressHandle extends AutoCloseable {
    /**
     * The domain that it belongs to.
     *
     * @return its parent
     */
    ProtectionDomain protectionDomain();

    /**
     * What it was made from.
     *
     * @return the way to the peer
     */
    AddressVector vector();

    /** Frees it ({@code ibv_destroy_ah}). Datagrams that are posted already still go out. */
    @Override
    void close();
}
