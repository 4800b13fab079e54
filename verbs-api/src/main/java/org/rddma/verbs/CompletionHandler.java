package org.rddma.verbs;

/** Called once per completion by {@link CompletionQueue#poll(CompletionHandler, int)}. */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * One completion. No lock is held; the handler may use any verb, also on the same queue.
     *
     * @param completion valid until this call returns, then reused: copy what is kept
     */
    void onCompletion(WorkCompletion completion);
}
