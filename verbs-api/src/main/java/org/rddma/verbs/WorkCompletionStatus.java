package org.rddma.verbs;

/**
 * How a work request ended ({@code ibv_wc_status}), with libibverbs' numbers and words. Of a completion that did not
 * succeed only the work request id, the status, the queue pair number and the vendor error are meaningful (man
 * ibv_poll_cq).
 */
public enum WorkCompletionStatus {
    /** The work request is done. */
    SUCCESS(0, "success"),
    /** A message does not fit: longer than the receive buffer, or than a datagram may be. */
    LOC_LEN_ERR(1, "local length error"),
    /** The queue pair cannot do this operation. */
    LOC_QP_OP_ERR(2, "local QP operation error"),
    /** Reliable datagram only. */
    LOC_EEC_OP_ERR(3, "local EE context operation error"),
    /** A local scatter/gather element names no memory that this operation may use. */
    LOC_PROT_ERR(4, "local protection error"),
    /** The queue pair was in the error state when this work request was reached. */
    WR_FLUSH_ERR(5, "Work Request Flushed Error"),
    /** A memory window could not be bound. */
    MW_BIND_ERR(6, "memory management operation error"),
    /** The peer answered what was not asked. */
    BAD_RESP_ERR(7, "bad response error"),
    /** The data part of an incoming write with immediate was refused. */
    LOC_ACCESS_ERR(8, "local access error"),
    /** The peer found the request invalid: too long, not permitted on its queue pair, misaligned. */
    REM_INV_REQ_ERR(9, "remote invalid request error"),
    /** The peer found the remote key wrong, or without that right, or the range outside of it. */
    REM_ACCESS_ERR(10, "remote access error"),
    /** The peer could not carry the request out. */
    REM_OP_ERR(11, "remote operation error"),
    /** No answer came, as often as the request was repeated. */
    RETRY_EXC_ERR(12, "transport retry counter exceeded"),
    /** The peer had no receive posted, as often as the request was repeated. */
    RNR_RETRY_EXC_ERR(13, "RNR retry counter exceeded"),
    /** Reliable datagram only. */
    LOC_RDD_VIOL_ERR(14, "local RDD violation error"),
    /** Reliable datagram only. */
    REM_INV_RD_REQ_ERR(15, "remote invalid RD request"),
    /** The operation was aborted. */
    REM_ABORT_ERR(16, "aborted error"),
    /** Reliable datagram only. */
    INV_EECN_ERR(17, "invalid EE context number"),
    /** Reliable datagram only. */
    INV_EEC_STATE_ERR(18, "invalid EE context state"),
    /** The device failed. */
    FATAL_ERR(19, "fatal error"),
    /** The response did not come in time. */
    RESP_TIMEOUT_ERR(20, "response timeout error"),
    /** Anything else. */
    GENERAL_ERR(21, "general error"),
    /** Tag matching only. */
    TM_ERR(22, "TM error"),
    /** Tag matching only. */
    TM_RNDV_INCOMPLETE(23, "TM software rendezvous");

    private static final WorkCompletionStatus[] BY_VALUE = byValue();

    private final int value;
    private final String text;

    WorkCompletionStatus(int value, String text) {
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
    public static WorkCompletionStatus of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static WorkCompletionStatus[] byValue() {
        int largest = 0;
        for (WorkCompletionStatus constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        WorkCompletionStatus[] table = new WorkCompletionStatus[largest + 1];
        for (WorkCompletionStatus constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
