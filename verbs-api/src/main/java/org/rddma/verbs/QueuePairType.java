package org.rddma.verbs;

/**
 * The transport service of a queue pair ({@code ibv_qp_type}), with libibverbs' numbers.
 */
public enum QueuePairType {
    /** Reliable connection: every message arrives once and in order, or the queue pair fails. */
    RC(2),
    /** Unreliable connection: messages arrive in order or not at all. */
    UC(3),
    /** Unreliable datagram: any peer, one packet a message. */
    UD(4),
    /** Ethernet frames. */
    RAW_PACKET(8),
    /** Extended reliable connection, sending side. */
    XRC_SEND(9),
    /** Extended reliable connection, receiving side. */
    XRC_RECV(10),
    /** Of one provider only. */
    DRIVER(255);

    private static final QueuePairType[] BY_VALUE = byValue();

    private final int value;

    QueuePairType(int value) {
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
    public static QueuePairType of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static QueuePairType[] byValue() {
        int largest = 0;
        for (QueuePairType constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        QueuePairType[] table = new QueuePairType[largest + 1];
        for (QueuePairType constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
