package org.rddma.verbs;

/**
 * The payload of one packet ({@code ibv_mtu}), with libibverbs' numbers.
 */
public enum Mtu {
    /** 256 bytes. */
    MTU_256(1),
    /** 512 bytes. */
    MTU_512(2),
    /** 1024 bytes. */
    MTU_1024(3),
    /** 2048 bytes. */
    MTU_2048(4),
    /** 4096 bytes. */
    MTU_4096(5);

    private static final Mtu[] BY_VALUE = byValue();

    private final int value;

    Mtu(int value) {
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
     * The payload in bytes.
     *
     * @return 256 to 4096
     */
    public int bytes() {
        return 128 << value;
    }

    /**
     * The constant of a payload size.
     *
     * @param bytes 256, 512, 1024, 2048 or 4096
     * @return its constant, or null for any other number
     */
    public static Mtu ofBytes(int bytes) {
        for (Mtu mtu : values()) {
            if (mtu.bytes() == bytes) {
                return mtu;
            }
        }
        return null;
    }

    /**
     * The constant of a number.
     *
     * @param value a number
     * @return its constant, or null where there is none
     */
    public static Mtu of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static Mtu[] byValue() {
        int largest = 0;
        for (Mtu constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        Mtu[] table = new Mtu[largest + 1];
        for (Mtu constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
