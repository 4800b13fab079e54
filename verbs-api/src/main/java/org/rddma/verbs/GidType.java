package org.rddma.verbs;

/**
 * The protocol that a GID stands for ({@code ibv_gid_type}), with libibverbs' numbers.
 */
public enum GidType {
    /** InfiniBand. */
    IB(0),
    /** RoCE version 1. */
    ROCE_V1(1),
    /** RoCE version 2, on UDP. */
    ROCE_V2(2);

    private static final GidType[] BY_VALUE = byValue();

    private final int value;

    GidType(int value) {
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
    public static GidType of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static GidType[] byValue() {
        int largest = 0;
        for (GidType constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        GidType[] table = new GidType[largest + 1];
        for (GidType constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
