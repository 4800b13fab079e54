package org.rddma.verbs;

import java.time.Duration;

/**
 * A send queue and a receive queue ({@code struct ibv_qp}). Safe for use by several threads.
 *
 * <p>Each of the two queues completes in the order of posting. A work request whose completion is an error takes the
 * queue pair to the error state (the send queue of UC and UD to SQE), and everything behind it completes with
 * WR_FLUSH_ERR.
 */
public interface QueuePair extends AutoCloseable {
    /**
     * The domain that it belongs to.
     *
     * @return its parent
     */
    ProtectionDomain protectionDomain();

    /**
     * Its number ({@code qp_num}), by which peers name it.
     *
     * @return 24 bits
     */
    int number();

    /**
     * Its transport service.
     *
     * @return the type
     */
    QueuePairType type();

    /**
     * Its state now. The device may move it to ERR or SQE by itself.
     *
     * @return the state
     */
    QueuePairState state();

    /**
     * Its sizes.
     *
     * @return what it really has, at least what was asked for
     */
    QueuePairCapabilities capabilities();

    /**
     * Where its sends complete.
     *
     * @return the queue given at creation
     */
    CompletionQueue sendCompletionQueue();

    /**
     * Where its receives complete.
     *
     * @return the queue given at creation
     */
    CompletionQueue receiveCompletionQueue();

    /**
     * Whether every send makes a completion.
     *
     * @return as given at creation
     */
    boolean signalAll();

    /**
     * The caller's object ({@code qp_context}).
     *
     * @return what was given at creation
     */
    Object userContext();

    /**
     * Changes attributes, the state among them ({@code ibv_modify_qp}). The mask must hold all attributes that the
     * transition requires and none that it does not allow; otherwise nothing is changed.
     *
     * <pre>
     *             required                                              also allowed
     * any→RESET   -                                                     -          work requests vanish without completions
     * RESET→INIT  pkeyIndex port, RC UC: accessFlags, UD: qkey          -
     * INIT→RTR    RC UC: addressVector pathMtu destinationQueuePair     pkeyIndex, RC UC: accessFlags, UD: qkey
     *             rqPsn, RC: maxDestReadAtomic minRnrTimer
     * RTR→RTS     sqPsn, RC: timeout retryCount rnrRetry maxReadAtomic  currentState, RC UC: accessFlags, RC: minRnrTimer,
     *                                                                   UD: qkey
     * RTS→SQD     -                                                     sqdAsyncNotify
     * RTS→RTS     -                                                     currentState, RC UC: accessFlags, RC: minRnrTimer,
     * SQD→RTS                                                           UD: qkey
     * SQD→SQD     -                                                     pkeyIndex, RC UC: addressVector accessFlags, UD:
     *                                                                   qkey, RC: port timeout retryCount rnrRetry
     *                                                                   maxReadAtomic maxDestReadAtomic minRnrTimer
     * SQE→RTS     - (UC, UD)                                            currentState, UC: accessFlags, UD: qkey
     * any→ERR     - (not from RESET)                                    -
     * </pre>
     *
     * <p>XRC_SEND is as RC, but for what only the receiving side needs (maxDestReadAtomic, minRnrTimer); XRC_RECV but
     * for what only the sending side needs (retryCount, rnrRetry, maxReadAtomic). INIT→RTR and all that end in RTS or
     * SQD→SQD also allow alternatePath, and the latter two pathMigrationState, on devices that have a second path.
     * While a send queue drains in SQD only RESET and ERR are possible.
     *
     * @param attributes what to change; read, not kept
     * @throws VerbsException EINVAL when the transition does not exist, an attribute is missing, not allowed or out
     *     of range; EBADF when the queue pair is closed
     */
    void modify(QueuePairAttributes attributes);

    /**
     * All attributes as they are now ({@code ibv_query_qp}).
     *
     * @return a new object; its mask names those that have been set
     * @throws VerbsException EBADF when the queue pair is closed
     */
    QueuePairAttributes query();

    /**
     * Posts a chain of work requests to the send queue ({@code ibv_post_send}).
     *
     * <p>A slot of the send queue is free again when its completion has been polled, or for unsignalled requests that
     * of a later one: a queue pair that only posts unsignalled requests fills up, as it does on hardware.
     *
     * @param first the first request of the chain
     * @return null when all are posted; otherwise the first that did not fit, because the queue is full: those before
     *     it are posted. Poll, then post it again
     * @throws VerbsException EINVAL when a request is null, has an opcode or flags that this type cannot do, too many
     *     elements, a negative length, too much inline data, a message over 2^31 bytes, or a remote address or length
     *     that an atomic cannot use, or when the state is RESET, INIT or RTR; EOPNOTSUPP for an opcode that the
     *     provider does not have; EBADF when closed. {@link VerbsException#badRequest()} is the request; those before
     *     it are posted
     */
    SendRequest postSend(SendRequest first);

    /**
     * Posts a chain of work requests to the receive queue ({@code ibv_post_recv}).
     *
     * @param first the first request of the chain
     * @return null when all are posted; otherwise the first that did not fit, because the queue is full: those before
     *     it are posted
     * @throws VerbsException EINVAL when a request is null, has too many elements or a negative length, or when the
     *     state is RESET; EBADF when closed. {@link VerbsException#badRequest()} is the request; those before it are
     *     posted
     */
    ReceiveRequest postReceive(ReceiveRequest first);

    /**
     * Destroys the queue pair and all that is posted to it, without completions ({@code ibv_destroy_qp}). Completions
     * that are in a queue already stay there. Waits until the events about it that were read are acknowledged, as
     * {@link CompletionQueue#close()} does.
     *
     * @throws VerbsException EBUSY while it is attached to a multicast group; EINTR when interrupted while waiting
     */
    @Override
    void close();

    /**
     * Destroys the queue pair, and waits no longer than given until the events about it that were read are
     * acknowledged.
     *
     * @param timeout how long at most
     * @throws VerbsException as {@link #close()}; ETIMEDOUT when acknowledgements are missing still: close again
     */
    void close(Duration timeout);

    /**
     * Where its receives come from.
     *
     * @return null when it has a receive queue of its own
     */
    default SharedReceiveQueue sharedReceiveQueue() {
        return null;
    }

    /**
     * Makes a builder that posts to this queue pair. Allocates; keep it.
     *
     * @return a new builder
     * @throws VerbsException EBADF when closed
     */
    SendBuilder sendBuilder();

    /**
     * Binds a window of type 1 ({@code ibv_bind_mw}): its key is another one when this returns, and works when the
     * bind has been executed, in order with what is posted to the send queue. A bind of no bytes takes the window's
     * key away.
     *
     * @param window of the same protection domain
     * @param bind what it is to show; read, not kept
     * @return false when the send queue is full: then nothing is changed
     * @throws VerbsException EINVAL when the window is of another type, or bytes are asked for without a region; EPERM
     *     when the region or the window belongs to another protection domain; what else is wrong is reported by the
     *     completion, as MW_BIND_ERR. EOPNOTSUPP when the device cannot; EBADF when closed
     */
    default boolean bindMemoryWindow(MemoryWindow window, MemoryWindowBind bind) {
        throw VerbsException.unsupported("bindMemoryWindow", Capability.MEMORY_WINDOW_TYPE_1);
    }

    /**
     * Makes a datagram queue pair receive what is sent to a group ({@code ibv_attach_mcast}). Attaching twice is the
     * same as once. Each message for the group takes a receive of each queue pair that is attached.
     *
     * @param group a multicast GID: its first byte is 0xFF
     * @param lid 0 where there are no LIDs
     * @throws VerbsException EINVAL for other types of queue pair and for other GIDs; ENOMEM when the device has no
     *     room for the group or for another member; EOPNOTSUPP when the device cannot; EBADF when closed
     */
    default void attachMulticast(Gid group, int lid) {
        throw VerbsException.unsupported("attachMulticast", Capability.MULTICAST);
    }

    /**
     * Ends {@link #attachMulticast} ({@code ibv_detach_mcast}).
     *
     * @param group as attached
     * @param lid as attached
     * @throws VerbsException EINVAL when it is not attached; otherwise as {@link #attachMulticast}
     */
    default void detachMulticast(Gid group, int lid) {
        throw VerbsException.unsupported("detachMulticast", Capability.MULTICAST);
    }
}
