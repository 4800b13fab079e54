package org.rddma.verbs;

/**
 * A key to a part of a memory region, with rights of its own, that is given out and taken back faster than a region
 * is registered ({@code struct ibv_mw}). Safe for use by several threads.
 *
 * <p>A window of type 1 is bound by {@link QueuePair#bindMemoryWindow}, which changes its key. One of type 2 is bound
 * by a work request ({@link SendRequest#bindMemoryWindow}) with a key of the caller's choice, usually {@link
 * #incrementRkey} of the old one; it belongs to the queue pair that bound it until it is invalidated, by {@link
 * SendRequest#invalidateLocal} or by a peer's {@link SendRequest#sendWithInvalidate}; when that queue pair is gone,
 * only closing the window takes its key away. A request that uses a window which is not bound fails with
 * REM_ACCESS_ERR. (man ibv_bind_mw, ibv_post_send; verbs, chapter on memory windows.)
 */
public interface MemoryWindow extends AutoCloseable {
    /**
     * The protection domain that it belongs to.
     *
     * @return its parent
     */
    ProtectionDomain protectionDomain();

    /**
     * How it is bound.
     *
     * @return the type
     */
    MemoryWindowType type();

    /**
     * The key that peers use. Of type 1: as the last {@link QueuePair#bindMemoryWindow} made it. Of type 2: as the
     * device knows it, which is the key of the last bind that was executed.
     *
     * @return 32 bits
     */
    int rkey();

    /**
     * The key after this one ({@code ibv_inc_rkey}): its low byte counts up, and begins anew after 255.
     *
     * @param rkey any key
     * @return the next
     */
    static int incrementRkey(int rkey) {
        return rkey & ~0xFF | rkey + 1 & 0xFF;
    }

    /** Closes it, bound or not ({@code ibv_dealloc_mw}): who uses its key from here on gets REM_ACCESS_ERR. */
    @Override
    void close();
}
