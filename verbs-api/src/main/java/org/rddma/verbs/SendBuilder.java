package org.rddma.verbs;

import java.nio.ByteBuffer;

/**
 * Posts a batch of sends, one call per operation ({@code ibv_wr_*} of {@code ibv_qp_ex}): all of them, or none.
 *
 * <pre>{@code
 * SendBuilder builder = pair.sendBuilder(); // once
 * builder.start();
 * builder.wrId(1).flags(0).write(address, rkey).sge(lkey, from, length);
 * builder.wrId(2).flags(SendFlags.SIGNALED).sendWithImmediate(7);
 * boolean posted = builder.complete();
 * }</pre>
 *
 * <p>{@link #wrId} and {@link #flags} hold for the operations that follow until they are set again; the data of an
 * operation is set right after it. What is wrong is remembered and reported by {@link #complete}, as the first error,
 * and then nothing of the batch is posted (man ibv_wr_post). Makes no garbage once it has seen a batch of that size. A
 * builder belongs to one thread at a time; several builders may post to one queue pair, and a batch is not interleaved
 * with other posts.
 */
public interface SendBuilder {
    /**
     * Begins a batch ({@code ibv_wr_start}).
     *
     * @throws VerbsException EBUSY when one is begun already: complete or abort it
     */
    void start();

    /**
     * The id of the operations that follow.
     *
     * @param wrId any 64 bits
     * @return this
     */
    SendBuilder wrId(long wrId);

    /**
     * How the operations that follow are carried out.
     *
     * @param flags bits of {@link SendFlags}; INLINE is implied by {@link #inlineData}
     * @return this
     */
    SendBuilder flags(int flags);

    /**
     * A send.
     *
     * @return this
     */
    SendBuilder send();

    /**
     * A send with immediate data.
     *
     * @param immediate 32 bits
     * @return this
     */
    SendBuilder sendWithImmediate(int immediate);

    /**
     * A send that invalidates a key of the peer.
     *
     * @param rkey of a memory window of type 2 that the peer has bound
     * @return this
     */
    SendBuilder sendWithInvalidate(int rkey);

    /**
     * An RDMA write.
     *
     * @param remoteAddress of the first byte
     * @param rkey the peer's key
     * @return this
     */
    SendBuilder write(long remoteAddress, int rkey);

    /**
     * An RDMA write with immediate data.
     *
     * @param remoteAddress of the first byte
     * @param rkey the peer's key
     * @param immediate 32 bits
     * @return this
     */
    SendBuilder writeWithImmediate(long remoteAddress, int rkey, int immediate);

    /**
     * An RDMA read.
     *
     * @param remoteAddress of the first byte
     * @param rkey the peer's key
     * @return this
     */
    SendBuilder read(long remoteAddress, int rkey);

    /**
     * A compare-and-swap.
     *
     * @param remoteAddress a multiple of 8
     * @param rkey the peer's key
     * @param compare the expected value
     * @param swap the new value
     * @return this
     */
    SendBuilder compareAndSwap(long remoteAddress, int rkey, long compare, long swap);

    /**
     * A fetch-and-add.
     *
     * @param remoteAddress a multiple of 8
     * @param rkey the peer's key
     * @param add what to add
     * @return this
     */
    SendBuilder fetchAndAdd(long remoteAddress, int rkey, long add);

    /**
     * An atomic write of 8 bytes, which are given here.
     *
     * @param remoteAddress a multiple of 8
     * @param rkey the peer's key
     * @param value in native byte order
     * @return this
     */
    SendBuilder atomicWrite(long remoteAddress, int rkey, long value);

    /**
     * A flush.
     *
     * @param remoteAddress of the first byte
     * @param rkey the peer's key
     * @param length bytes
     * @param placement bits of {@link FlushPlacement}
     * @param level how far
     * @return this
     */
    SendBuilder flush(long remoteAddress, int rkey, long length, int placement, FlushLevel level);

    /**
     * Binds a memory window of type 2.
     *
     * @param window the window
     * @param rkey its new key
     * @param bind what it shows; its id and flags are not looked at
     * @return this
     */
    SendBuilder bindMemoryWindow(MemoryWindow window, int rkey, MemoryWindowBind bind);

    /**
     * Invalidates a key of the own.
     *
     * @param rkey of a memory window of type 2
     * @return this
     */
    SendBuilder invalidateLocal(int rkey);

    /**
     * One element, for the operation before ({@code ibv_wr_set_sge}).
     *
     * @param lkey local key
     * @param address of the first byte
     * @param length bytes
     * @return this
     */
    SendBuilder sge(int lkey, long address, int length);

    /**
     * The elements, for the operation before ({@code ibv_wr_set_sge_list}).
     *
     * @param elements read when the batch is completed
     * @return this
     */
    SendBuilder sges(ScatterGatherElement... elements);

    /**
     * Inline data, for the operation before ({@code ibv_wr_set_inline_data}).
     *
     * @param data its remaining bytes; read when the batch is completed
     * @return this
     */
    SendBuilder inlineData(ByteBuffer data);

    /**
     * Where the datagram before goes ({@code ibv_wr_set_ud_addr}).
     *
     * @param handle the way
     * @param remoteQueuePair number
     * @param remoteQkey Q_Key
     * @return this
     */
    SendBuilder datagram(AddressHandle handle, int remoteQueuePair, int remoteQkey);

    /**
     * Which shared receive queue the operation before goes to ({@code ibv_wr_set_xrc_srqn}).
     *
     * @param number as {@link SharedReceiveQueue#number()}
     * @return this
     */
    SendBuilder xrcSharedReceiveQueue(int number);

    /**
     * Posts the batch ({@code ibv_wr_complete}) and ends it.
     *
     * @return false when the send queue has no room for all of it: then nothing is posted
     * @throws VerbsException EINVAL when there is no batch, when one of the operations cannot be posted (for the
     *     reasons that {@link QueuePair#postSend} gives), or an element or address was set before any operation;
     *     EOPNOTSUPP for an operation that the device or {@link QueuePairInitAttributes#sendOperations} does not
     *     have; EBADF when the queue pair is closed. Nothing is posted then
     */
    boolean complete();

    /** Forgets the batch ({@code ibv_wr_abort}). Without a batch it does nothing. */
    void abort();
}
