package org.rddma.verbs.app;

import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.VerbsException;

/** Called for each completion of a queue that someone else polls, and once when the queue cannot be polled any more. */
@FunctionalInterface
public interface QueueHandler extends CompletionHandler {
    /**
     * The queue was overrun (EOVERFLOW), its device is gone (EIO), or it was closed without being removed (EBADF). All
     * that was in it has been handed out, and it is removed already. Unless this is overridden it throws the failure.
     *
     * @param queue which one
     * @param failure why it cannot be polled or armed
     */
    default void onFailure(CompletionQueue queue, VerbsException failure) {
        throw failure;
    }
}
