package org.rddma.verbs;

/**
 * How far a flush reaches ({@code ibv_selectivity_level}), with libibverbs' numbers.
 */
public enum FlushLevel {
    /** The bytes that the request names. */
    RANGE(0),
    /** The whole region of the key. */
    REGION(1);

    private static final FlushLevel[] BY_VALUE = byValue();

    private final int value;

    FlushLevel(int value) {
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
    public static FlushLevel of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static FlushLevel[] byValue() {
        int largest = 0;
        for (FlushLevel constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        FlushLevel[] table = new FlushLevel[largest + 1];
        for (FlushLevel constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
