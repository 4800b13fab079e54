package org.rddma.verbs;

/**
 * The state of a queue pair ({@code ibv_qp_state}), with libibverbs' numbers. Which state follows which, with what
 * attributes, says {@link QueuePair#modify}.
 */
public enum QueuePairState {
    /** New or reset: nothing can be posted. */
    RESET(0),
    /** Receives can be posted; nothing is processed. */
    INIT(1),
    /** Ready to receive. */
    RTR(2),
    /** Ready to send. */
    RTS(3),
    /** Send queue drained: what is begun is finished, nothing new begins. */
    SQD(4),
    /** Send queue error (UC and UD): sends are flushed, receiving goes on. */
    SQE(5),
    /** Everything posted completes with WR_FLUSH_ERR. */
    ERR(6);

    private static final QueuePairState[] BY_VALUE = byValue();

    private final int value;

    QueuePairState(int value) {
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
    public static QueuePairState of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static QueuePairState[] byValue() {
        int largest = 0;
        for (QueuePairState constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        QueuePairState[] table = new QueuePairState[largest + 1];
        for (QueuePairState constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
