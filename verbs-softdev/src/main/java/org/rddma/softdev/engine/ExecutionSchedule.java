package org.rddma.softdev.engine;

/**
 * Decides when a queue pair executes its next entry, in place of the thread that posts it. One for each queue pair;
 * safe for use by several threads. Called with locks of the queue pair held: takes none that is held while a verb is
 * called.
 */
public interface ExecutionSchedule {
    /**
     * There may be an entry to execute: call {@link QueuePairEngine#executeNext()} some time.
     *
     * @param queuePair whose
     */
    void wake(QueuePairEngine queuePair);
}
