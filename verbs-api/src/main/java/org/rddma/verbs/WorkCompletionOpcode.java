package org.rddma.verbs;

/**
 * What completed ({@code ibv_wc_opcode}), with libibverbs' numbers. Values from 128 on are receives.
 */
public enum WorkCompletionOpcode {
    /** A send, with or without immediate data. */
    SEND(0),
    /** An RDMA write, with or without immediate data. */
    RDMA_WRITE(1),
    /** An RDMA read. */
    RDMA_READ(2),
    /** An atomic compare-and-swap. */
    COMP_SWAP(3),
    /** An atomic fetch-and-add. */
    FETCH_ADD(4),
    /** A memory window was bound. */
    BIND_MW(5),
    /** A key was invalidated. */
    LOCAL_INV(6),
    /** A segmented send. */
    TSO(7),
    /** A flush of remote memory. */
    FLUSH(8),
    /** An atomic write. */
    ATOMIC_WRITE(9),
    /** A message came into a posted receive. */
    RECV(128),
    /** An RDMA write with immediate data consumed a posted receive. */
    RECV_RDMA_WITH_IMM(129),
    /** Tag matching only. */
    TM_ADD(130),
    /** Tag matching only. */
    TM_DEL(131),
    /** Tag matching only. */
    TM_SYNC(132),
    /** Tag matching only. */
    TM_RECV(133),
    /** Tag matching only. */
    TM_NO_TAG(134),
    /** Of one provider only. */
    DRIVER1(135),
    /** Of one provider only. */
    DRIVER2(136),
    /** Of one provider only. */
    DRIVER3(137);

    private static final WorkCompletionOpcode[] BY_VALUE = byValue();

    private final int value;

    WorkCompletionOpcode(int value) {
        this.value = value;
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
     * The constant of a number.
     *
     * @param value a number
     * @return its constant, or null where there is none
     */
    public static WorkCompletionOpcode of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static WorkCompletionOpcode[] byValue() {
        int largest = 0;
        for (WorkCompletionOpcode constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        WorkCompletionOpcode[] table = new WorkCompletionOpcode[largest + 1];
        for (WorkCompletionOpcode constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
