package org.rddma.verbs.app;

import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * A work request was carried out and failed, or was flushed: its completion says so. It is immutable once thrown, as far
 * as nobody polls into its completion.
 *
 * <p>The rule is man ibv_poll_cq's: the first failure of a queue pair has a status of its own and takes the queue pair
 * to the error state; all behind it end with {@link WorkCompletionStatus#WR_FLUSH_ERR}.
 */
public final class RequestFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient WorkCompletion completion;
    private final WorkCompletionStatus status;

    /**
     * A failure.
     *
     * @param completion how the request ended; kept
     */
    public RequestFailedException(WorkCompletion completion) {
        super("work request " + completion.wrId() + " on queue pair 0x"
                + Integer.toHexString(completion.queuePairNumber()) + " failed: "
                + (completion.status() == null
                        ? "unknown status"
                        : completion.status().text()));
        this.completion = completion;
        this.status = completion.status();
    }

    /**
     * How the request ended.
     *
     * @return its completion; null only after serialization
     */
    public WorkCompletion completion() {
        return completion;
    }

    /**
     * How the request ended.
     *
     * @return never {@link WorkCompletionStatus#SUCCESS}
     */
    public WorkCompletionStatus status() {
        return status;
    }

    /**
     * Whether the request was not carried out because the queue pair was in the error state by then.
     *
     * @return true for {@link WorkCompletionStatus#WR_FLUSH_ERR}
     */
    public boolean isFlushed() {
        return status == WorkCompletionStatus.WR_FLUSH_ERR;
    }
}
