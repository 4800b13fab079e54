package org.rddma.verbs;

/**
 * A walk over a completion queue that decodes only the fields asked for (the poll side of {@code ibv_cq_ex}).
 *
 * <pre>{@code
 * CompletionCursor cursor = queue.cursor(); // once
 * while (cursor.next()) {
 *     if (!cursor.isSuccess()) { ... }
 *     handle(cursor.wrId());
 * }
 * }</pre>
 *
 * <p>A field that the queue was made without ({@link CompletionQueueAttributes#fields}) cannot be read: its accessor
 * throws EINVAL.
 *
 * <p>There is nothing to end: {@link #next()} takes one completion out of the queue for good and holds nothing, so the
 * mistakes of start, next and end cannot be made, and other threads may poll the same queue meanwhile. A cursor itself
 * belongs to one thread at a time; make one per thread.
 */
public interface CompletionCursor {
    /**
     * Takes the next completion out of the queue. The fields below are its until the next call.
     *
     * @return false when the queue was empty; then the fields mean nothing
     * @throws VerbsException EBADF when the queue is closed; EOVERFLOW when it was overrun and all that was left is
     *     polled
     */
    boolean next();

    /**
     * As {@link WorkCompletion#wrId()}.
     *
     * @return id of the work request
     */
    long wrId();

    /**
     * As {@link WorkCompletion#status()}.
     *
     * @return the status
     */
    WorkCompletionStatus status();

    /**
     * As {@link WorkCompletion#isSuccess()}.
     *
     * @return whether the status is SUCCESS
     */
    boolean isSuccess();

    /**
     * As {@link WorkCompletion#opcode()}.
     *
     * @return the opcode
     */
    WorkCompletionOpcode opcode();

    /**
     * As {@link WorkCompletion#vendorError()}.
     *
     * @return provider's own number
     */
    int vendorError();

    /**
     * As {@link WorkCompletion#byteLength()}.
     *
     * @return bytes moved
     */
    long byteLength();

    /**
     * As {@link WorkCompletion#immediate()}.
     *
     * @return immediate data
     */
    int immediate();

    /**
     * As {@link WorkCompletion#queuePairNumber()}.
     *
     * @return local queue pair
     */
    int queuePairNumber();

    /**
     * As {@link WorkCompletion#sourceQueuePair()}.
     *
     * @return remote queue pair of a datagram
     */
    int sourceQueuePair();

    /**
     * As {@link WorkCompletion#flags()}.
     *
     * @return bits of {@link WorkCompletionFlags}
     */
    int flags();

    /**
     * As {@link WorkCompletion#pkeyIndex()}.
     *
     * @return P_Key index of a datagram
     */
    int pkeyIndex();

    /**
     * As {@link WorkCompletion#sourceLid()}.
     *
     * @return source LID of a datagram
     */
    int sourceLid();

    /**
     * As {@link WorkCompletion#serviceLevel()}.
     *
     * @return service level of a datagram
     */
    int serviceLevel();

    /**
     * As {@link WorkCompletion#destinationPathBits()}.
     *
     * @return path bits of a datagram
     */
    int destinationPathBits();

    /**
     * As {@link WorkCompletion#invalidatedRkey()}.
     *
     * @return the key that the message invalidated
     */
    int invalidatedRkey();

    /**
     * When the work completed, on the device's own clock ({@code ibv_wc_read_completion_ts}): ticks of {@link
     * DeviceAttributes#clockKilohertz()}. It may jump, and is comparable with {@link Context#queryRawClock()} only.
     *
     * @return ticks
     * @throws VerbsException EINVAL when the queue was made without {@link CompletionFields#COMPLETION_TIMESTAMP}
     */
    long completionTimestamp();

    /**
     * When the work completed, on the wall clock ({@code ibv_wc_read_completion_wallclock_ns}).
     *
     * @return nanoseconds since 1970 in UTC
     * @throws VerbsException EINVAL when the queue was made without {@link
     *     CompletionFields#COMPLETION_TIMESTAMP_WALLCLOCK}
     */
    long wallClockNanos();
}
