package org.rddma.softdev.link.roce;

/** What a port counts. The names in the text are those of soft RoCE, where it counts the same. */
public enum PacketCounter {
    /** Packets sent. */
    SENT_PACKETS("sent_pkts"),
    /** Packets received, before any check. */
    RECEIVED_PACKETS("rcvd_pkts"),
    /** Requests that were carried out before. */
    DUPLICATE_REQUESTS("duplicate_request"),
    /** Requests ahead of the one that is expected. */
    OUT_OF_SEQUENCE_REQUESTS("out_of_seq_request"),
    /** Receiver-not-ready answers received. */
    RECEIVED_RNR("rcvd_rnr_err"),
    /** Receiver-not-ready answers sent. */
    SENT_RNR("send_rnr_err"),
    /** Answers received that say a packet is missing. */
    RECEIVED_SEQUENCE_ERRORS("rcvd_seq_err"),
    /** Acknowledgements that a later one made unnecessary. */
    ACK_DEFERRED("ack_deferred"),
    /** Requests given up after all retries. */
    RETRY_EXCEEDED("retry_exceeded_err"),
    /** Requests given up after all retries for a receiver that was not ready. */
    RNR_RETRY_EXCEEDED("retry_rnr_exceeded_err"),
    /** Times that a requester went back and sent again. */
    RETRIES("completer_retry_err"),
    /** Packets that could not be sent. */
    SEND_ERRORS("send_err"),
    /** Times that the link went down. */
    LINK_DOWNED("link_downed"),
    /** Sends carried out. */
    SENDS("rdma_sends"),
    /** Sends received. */
    RECEIVES("rdma_recvs"),
    /** Congestion notifications sent. */
    SENT_CNP("sent_cnp"),
    /** Congestion notifications received. */
    RECEIVED_CNP("rcvd_cnp"),
    /** Dropped: shorter than its headers. */
    DROPPED_TRUNCATED("drop_truncated"),
    /** Dropped: longer than any packet may be. */
    DROPPED_OVERSIZE("drop_oversize"),
    /** Dropped: no such version, operation, or padding. */
    DROPPED_MALFORMED("drop_malformed"),
    /** Dropped: the check sum is wrong. */
    DROPPED_ICRC("drop_icrc"),
    /** Dropped: another partition. */
    DROPPED_P_KEY("drop_pkey"),
    /** Dropped: another Q_Key. */
    DROPPED_Q_KEY("drop_qkey"),
    /** Dropped: no such queue pair, or one of another type. */
    DROPPED_UNKNOWN_QUEUE_PAIR("drop_unknown_qp"),
    /** Dropped: not from the peer that the queue pair is connected to. */
    DROPPED_WRONG_PEER("drop_wrong_peer"),
    /** Dropped: the queue pair is in no state to take it. */
    DROPPED_STATE("drop_state"),
    /** Dropped: operations in an order that cannot be. */
    DROPPED_SEQUENCE("drop_opcode_sequence"),
    /** Dropped: an unreliable message without a receive, or too long for it. */
    DROPPED_NO_RECEIVE("drop_no_receive"),
    /** Dropped: an unreliable write with a wrong key, right or range. */
    DROPPED_ACCESS("drop_access"),
    /** Dropped: an unreliable message that is invalid: not allowed at all, or of a wrong length. */
    DROPPED_INVALID("drop_invalid"),
    /** Dropped: an answer that nobody waits for. */
    DROPPED_STALE("drop_stale"),
    /** Dropped by the system: it kept as many as it may, or UDP's own check sum was wrong. */
    DROPPED_BY_SYSTEM("drop_system"),
    /** Dropped for a test's sake. */
    DROPPED_INJECTED("drop_injected");

    private final String text;

    PacketCounter(String text) {
        this.text = text;
    }

    /**
     * Its name in reports.
     *
     * @return lower case, with underscores
     */
    public String text() {
        return text;
    }
}
