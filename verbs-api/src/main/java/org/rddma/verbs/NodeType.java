package org.rddma.verbs;

/**
 * What kind of node a device is ({@code ibv_node_type}), with libibverbs' numbers and words.
 */
public enum NodeType {
    /** Channel adapter. */
    CA(1, "InfiniBand channel adapter"),
    /** Switch. */
    SWITCH(2, "InfiniBand switch"),
    /** Router. */
    ROUTER(3, "InfiniBand router"),
    /** iWARP adapter. */
    RNIC(4, "iWARP NIC"),
    /** usNIC. */
    USNIC(5, "usNIC"),
    /** usNIC on UDP. */
    USNIC_UDP(6, "usNIC UDP"),
    /** Not said. */
    UNSPECIFIED(7, "unspecified");

    private static final NodeType[] BY_VALUE = byValue();

    private final int value;
    private final String text;

    NodeType(int value, String text) {
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
    public static NodeType of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static NodeType[] byValue() {
        int largest = 0;
        for (NodeType constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        NodeType[] table = new NodeType[largest + 1];
        for (NodeType constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
