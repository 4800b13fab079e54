package org.rddma.verbs.app;

import java.nio.ByteBuffer;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionStatus;

/** What {@link WorkQueues#serve} does with what arrives. No lock is held that another queue's user could wait for. */
@FunctionalInterface
public interface WorkQueueHandler {
    /**
     * One message. It may be answered on its own queue or any other of the group. What this throws comes out of {@link
     * WorkQueues#serve}, and the message counts as taken.
     *
     * @param queue that it came by
     * @param message from position to limit, big-endian; the queue's own memory, valid until this call returns
     * @return false to be offered the same message again, before any other of this queue: when {@link WorkQueue#send}
     *     has answered false, as soon as that queue has room; else after {@link WorkQueue#resume}
     */
    boolean onMessage(WorkQueue queue, ByteBuffer message);

    /**
     * A queue has failed, and all messages that came before were taken: it is of no more use, and may be closed here.
     *
     * @param queue that failed
     * @param status of the request that failed first
     * @throws VerbsException EIO, where this is not overridden
     */
    default void onFailure(WorkQueue queue, WorkCompletionStatus status) {
        throw new VerbsException(
                "WorkQueues.serve",
                Errno.EIO,
                queue + " has failed (" + status.text() + "): override onFailure to close it and serve the others");
    }
}
