package org.rddma.verbs;

/**
 * Against whom remote atomics are atomic ({@code ibv_atomic_cap}), with libibverbs' numbers.
 */
public enum AtomicCapability {
    /** No atomics. */
    NONE(0),
    /** Against other atomics of the same device. */
    HCA(1),
    /** Against every access, the processor's included. */
    GLOB(2);

    private static final AtomicCapability[] BY_VALUE = byValue();

    private final int value;

    AtomicCapability(int value) {
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
    public static AtomicCapability of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static AtomicCapability[] byValue() {
        int largest = 0;
        for (AtomicCapability constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        AtomicCapability[] table = new AtomicCapability[largest + 1];
        for (AtomicCapability constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
