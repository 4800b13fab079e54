package org.rddma.verbs;

/**
 * What a port's link is ({@code IBV_LINK_LAYER_*}), with libibverbs' numbers.
 */
public enum LinkLayer {
    /** Not said. */
    UNSPECIFIED(0),
    /** InfiniBand. */
    INFINIBAND(1),
    /** Ethernet. */
    ETHERNET(2);

    private static final LinkLayer[] BY_VALUE = byValue();

    private final int value;

    LinkLayer(int value) {
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
    public static LinkLayer of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static LinkLayer[] byValue() {
        int largest = 0;
        for (LinkLayer constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        LinkLayer[] table = new LinkLayer[largest + 1];
        for (LinkLayer constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
