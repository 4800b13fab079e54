package org.rddma.verbs;

/**
 * The state of a port ({@code ibv_port_state}), with libibverbs' numbers and words.
 */
public enum PortState {
    /** No change. */
    NOP(0, "no state change (NOP)"),
    /** No link. */
    DOWN(1, "down"),
    /** Link, not configured. */
    INIT(2, "init"),
    /** Configured, not active. */
    ARMED(3, "armed"),
    /** Carries traffic. */
    ACTIVE(4, "active"),
    /** Active, link failing. */
    ACTIVE_DEFER(5, "active defer");

    private static final PortState[] BY_VALUE = byValue();

    private final int value;
    private final String text;

    PortState(int value, String text) {
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
    public static PortState of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static PortState[] byValue() {
        int largest = 0;
        for (PortState constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        PortState[] table = new PortState[largest + 1];
        for (PortState constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
