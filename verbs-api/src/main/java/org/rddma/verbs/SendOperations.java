package org.rddma.verbs;

/**
 * Which operations are to be posted with a {@link SendBuilder} ({@code ibv_qp_create_send_ops_flags}), as bits to be
 * ORed, with libibverbs' numbers.
 */
public final class SendOperations {
    /** {@link SendBuilder#write}. */
    public static final int RDMA_WRITE = 1;
    /** {@link SendBuilder#writeWithImmediate}. */
    public static final int RDMA_WRITE_WITH_IMM = 2;
    /** {@link SendBuilder#send}. */
    public static final int SEND = 4;
    /** {@link SendBuilder#sendWithImmediate}. */
    public static final int SEND_WITH_IMM = 8;
    /** {@link SendBuilder#read}. */
    public static final int RDMA_READ = 16;
    /** {@link SendBuilder#compareAndSwap}. */
    public static final int ATOMIC_CMP_AND_SWP = 32;
    /** {@link SendBuilder#fetchAndAdd}. */
    public static final int ATOMIC_FETCH_AND_ADD = 64;
    /** {@link SendBuilder#invalidateLocal}. */
    public static final int LOCAL_INV = 128;
    /** {@link SendBuilder#bindMemoryWindow}. */
    public static final int BIND_MW = 256;
    /** {@link SendBuilder#sendWithInvalidate}. */
    public static final int SEND_WITH_INV = 512;
    /** Segmented sends. */
    public static final int TSO = 1024;
    /** {@link SendBuilder#flush}. */
    public static final int FLUSH = 2048;
    /** {@link SendBuilder#atomicWrite}. */
    public static final int ATOMIC_WRITE = 4096;

    private SendOperations() {}
}
