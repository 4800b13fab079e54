package org.rddma.verbs.app;

/** How a blocking call ended. */
public enum CallOutcome {
    /** It is done: its completion says how, success or not. */
    COMPLETED,
    /**
     * It was posted and is not completed yet, but the time was over or the thread was interrupted. Its memory belongs to
     * the device until {@link BlockingQueuePair#settle} returns true; its completion is dropped.
     */
    UNDER_WAY,
    /** The send queue was full until the time was over or the thread was interrupted: nothing was posted. */
    NOT_POSTED
}
