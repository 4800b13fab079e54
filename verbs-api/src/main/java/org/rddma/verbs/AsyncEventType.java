package org.rddma.verbs;

/**
 * What an {@link AsyncEvent} is about ({@code ibv_event_type}), with libibverbs' numbers and words.
 */
public enum AsyncEventType {
    /** A completion queue was overrun: completions are lost. */
    CQ_ERR(0, "CQ error"),
    /** A queue pair failed, and could not say so in a completion. */
    QP_FATAL(1, "local work queue catastrophic error"),
    /** A peer asked a queue pair for something invalid. */
    QP_REQ_ERR(2, "invalid request local work queue error"),
    /** A peer of a queue pair wanted memory that it may not use. */
    QP_ACCESS_ERR(3, "local access violation work queue error"),
    /** A queue pair in RTR got its first message. */
    COMM_EST(4, "communication established"),
    /** A queue pair in SQD has finished what it had begun. */
    SQ_DRAINED(5, "send queue drained"),
    /** A connection goes over its other path now. */
    PATH_MIG(6, "path migrated"),
    /** A connection could not change its path. */
    PATH_MIG_ERR(7, "path migration request error"),
    /** The device is gone: its verbs fail with EIO from here on. */
    DEVICE_FATAL(8, "local catastrophic error"),
    /** A port came up. */
    PORT_ACTIVE(9, "port active"),
    /** A port went down. */
    PORT_ERR(10, "port error"),
    /** A port's LID is another one now. */
    LID_CHANGE(11, "LID change"),
    /** A port's P_Key table has changed. */
    PKEY_CHANGE(12, "P_Key change"),
    /** The subnet manager is another one now. */
    SM_CHANGE(13, "SM change"),
    /** A shared receive queue failed. */
    SRQ_ERR(14, "SRQ catastrophic error"),
    /** Fewer receives than its limit are left in a shared receive queue. */
    SRQ_LIMIT_REACHED(15, "SRQ limit reached"),
    /** A queue pair in ERR will take no more receives from its shared receive queue. */
    QP_LAST_WQE_REACHED(16, "last WQE reached"),
    /** The subnet manager wants clients to register again. */
    CLIENT_REREGISTER(17, "client reregistration"),
    /** A port's GID table has changed. */
    GID_CHANGE(18, "GID table change"),
    /** A work queue failed. */
    WQ_FATAL(19, "WQ fatal"),
    /** A port's speed is another one now. */
    DEVICE_SPEED_CHANGE(20, "Device link speed change");

    private static final AsyncEventType[] BY_VALUE = byValue();

    private final int value;
    private final String text;

    AsyncEventType(int value, String text) {
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
    public static AsyncEventType of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static AsyncEventType[] byValue() {
        int largest = 0;
        for (AsyncEventType constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        AsyncEventType[] table = new AsyncEventType[largest + 1];
        for (AsyncEventType constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
