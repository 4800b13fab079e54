package org.rddma.verbs;

/**
 * What kind of node a device is ({@code ibv_node_type}), with libibverbs' numbers.
 */
public enum NodeType {
    /** Channel adapter. */
    CA(1),
    /** Switch. */
    SWITCH(2),
    /** Router. */
    ROUTER(3),
    /** iWARP adapter. */
    RNIC(4),
    /** usNIC. */
    USNIC(5),
    /** usNIC on UDP. */
    USNIC_UDP(6),
    /** Not said. */
    UNSPECIFIED(7);

    private static final NodeType[] BY_VALUE = byValue();

    private final int value;

    NodeType(int value) {
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
