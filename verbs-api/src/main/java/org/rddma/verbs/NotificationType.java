package org.rddma.verbs;

/** For which completions a queue is armed (the {@code solicited_only} argument of {@code ibv_req_notify_cq}). */
public enum NotificationType {
    /** The next completion, whatever it is. */
    ANY,
    /**
     * The next solicited completion: a receive whose sender asked for it with {@link SendFlags#SOLICITED}, or any
     * completion that failed.
     */
    SOLICITED
}
