package org.rddma.verbs;

/**
 * How a memory window is bound ({@code ibv_mw_type}), with libibverbs' numbers.
 */
public enum MemoryWindowType {
    /** By the verb {@link QueuePair#bindMemoryWindow}; any queue pair of the domain may then be reached through it. */
    TYPE_1(1),
    /** By a work request, with a key of the caller's choice; it then belongs to that queue pair, and can be invalidated. */
    TYPE_2(2);

    private static final MemoryWindowType[] BY_VALUE = byValue();

    private final int value;

    MemoryWindowType(int value) {
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
    public static MemoryWindowType of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static MemoryWindowType[] byValue() {
        int largest = 0;
        for (MemoryWindowType constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        MemoryWindowType[] table = new MemoryWindowType[largest + 1];
        for (MemoryWindowType constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
