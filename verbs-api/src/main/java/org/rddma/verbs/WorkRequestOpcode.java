package org.rddma.verbs;

/**
 * What a send work request asks for ({@code ibv_wr_opcode}), with libibverbs' numbers and words.
 */
public enum WorkRequestOpcode {
    /** Write into remote memory; the peer is not told. */
    RDMA_WRITE(0, "rdma-write"),
    /** Write into remote memory and consume a receive there, which carries the immediate data. */
    RDMA_WRITE_WITH_IMM(1, "rdma-write-with-imm"),
    /** Send a message into a receive that the peer has posted. */
    SEND(2, "send"),
    /** Send a message with immediate data. */
    SEND_WITH_IMM(3, "send-with-imm"),
    /** Read remote memory. */
    RDMA_READ(4, "rdma-read"),
    /** Replace 8 bytes of remote memory if they have the expected value; the old value comes back. */
    ATOMIC_CMP_AND_SWP(5, "atomic-cmp-and-swp"),
    /** Add to 8 bytes of remote memory; the old value comes back. */
    ATOMIC_FETCH_AND_ADD(6, "atomic-fetch-and-add"),
    /** Invalidate a local key. */
    LOCAL_INV(7, "local-inv"),
    /** Bind a memory window. */
    BIND_MW(8, "bind-mw"),
    /** Send a message and invalidate a key of the peer. */
    SEND_WITH_INV(9, "send-with-inv"),
    /** Segmented send. */
    TSO(10, "tso"),
    /** Of one provider only. */
    DRIVER1(11, "driver1"),
    /** Make earlier writes visible or persistent. */
    FLUSH(14, "flush"),
    /** Write 8 bytes at once. */
    ATOMIC_WRITE(15, "atomic-write");

    private static final WorkRequestOpcode[] BY_VALUE = byValue();

    private final int value;
    private final String text;

    WorkRequestOpcode(int value, String text) {
        this.value = value;
        this.text = text;
    }

    /**
     * The number that libibverbs gives it.
     *
     * @return the value in {@code infiniband/verbs.h}
     */
    public int value() {
        return value;
    }

    /**
     * The words that libibverbs prints for it.
     *
     * @return a short English text
     */
    public String text() {
        return text;
    }

    /**
     * The constant of a number.
     *
     * @param value a number
     * @return its constant, or null where there is none
     */
    public static WorkRequestOpcode of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static WorkRequestOpcode[] byValue() {
        int largest = 0;
        for (WorkRequestOpcode constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        WorkRequestOpcode[] table = new WorkRequestOpcode[largest + 1];
        for (WorkRequestOpcode constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
