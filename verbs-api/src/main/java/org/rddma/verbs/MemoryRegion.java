package org.rddma.verbs;

import java.nio.ByteBuffer;

/**
 * Memory that the device may use ({@code struct ibv_mr}). Work requests name it by native address and key, the peer by
 * address and remote key. Every access is checked: key, domain, right and range. Safe for use by several threads.
 */
public interface MemoryRegion extends AutoCloseable {
    /**
     * The domain that it belongs to.
     *
     * @return its parent
     */
    ProtectionDomain protectionDomain();

    /**
     * A view of exactly the registered bytes, in native byte order, with a position and limit of its own.
     *
     * @return a new view; it stays valid memory even after the region is closed; empty for a region over all memory
     */
    ByteBuffer buffer();

    /**
     * The address of the first byte, as requests name it: the native one, unless the region was registered with
     * another or is zero-based.
     *
     * @return an address
     */
    long address();

    /**
     * How many bytes are registered.
     *
     * @return 1 or more; 2^31 - 1 for a region over all memory
     */
    int length();

    /**
     * What requests call a byte of a buffer, where this region is over all memory ({@link
     * ProtectionDomain#registerAll}).
     *
     * @param buffer direct or mapped; it must stay reachable while requests use its memory
     * @param offset index of the byte, whatever the buffer's position and limit
     * @return its address
     * @throws VerbsException EOPNOTSUPP when the region is over a buffer of its own: count from {@link #address} there;
     *     EINVAL when the buffer is null or the offset is not in it; EFAULT when the buffer is on the heap; EBADF when
     *     the region is closed
     */
    default long addressOf(ByteBuffer buffer, int offset) {
        throw VerbsException.unsupported("addressOf", Capability.SHARE_ALL);
    }

    /**
     * The key for the own work requests.
     *
     * @return local key
     */
    int lkey();

    /**
     * The key to give to the peer.
     *
     * @return remote key
     */
    int rkey();

    /**
     * What may be done with it.
     *
     * @return bits of {@link AccessFlags}
     */
    int access();

    /**
     * Withdraws the memory from the device ({@code ibv_dereg_mr}). Work requests that use it from now on fail with a
     * protection or access error; a copy that is under way is waited for, so that nothing is written afterwards.
     */
    @Override
    void close();

    /**
     * Changes what the region is, and keeps its keys where it can ({@code ibv_rereg_mr}). Requests that use the region
     * meanwhile see it as it was or as it is.
     *
     * @param change what to change; read, not kept
     * @throws VerbsException EINVAL when nothing is to change or what is asked for is as wrong as it would be for
     *     {@link ProtectionDomain#registerMemory}, EBUSY while a window is bound to it, EOPNOTSUPP when the device
     *     cannot: the region is then as it was
     */
    default void reregister(RegionChange change) {
        throw VerbsException.unsupported("reregister", Capability.REREGISTER);
    }
}
