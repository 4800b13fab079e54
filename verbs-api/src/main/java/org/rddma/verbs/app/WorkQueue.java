package org.rddma.verbs.app;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.Requirements;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * A queue to a peer, through which messages are sent and received, with memory that both may use: WrapDrive's {@code
 * wd_queue} on top of the verbs. It is a handle: many of them can share a context, and what else the device has behind.
 *
 * <p>{@link #send(ByteBuffer)} and {@link #receive} answer at once, also when the queue is full or empty; {@link
 * #sendSync(ByteBuffer)} and {@link #receiveSync()} look first, without a system call while there is something, and
 * sleep on the queue's channel only when they must. Messages arrive whole and in order. A full queue means that the peer
 * does not receive: it fills up from there.
 *
 * <p>Whose the memory is: a message that is sent from a buffer is copied, and the buffer is the program's when the call
 * returns. A message that was received is in the queue's own memory, and the program's until it asks for the next. What
 * is sent, read or written in place, in memory that was {@linkplain #share shared}, is the queue's from the call until
 * {@link #completed()} has counted it.
 *
 * <p>For one thread at a time, with all queues of its group: a call that meets another thread's fails with EBUSY. The
 * queue may be closed by any thread at any time, which wakes the one that waits. A waiting call blocks the carrier of a
 * virtual thread. When a request fails, the queue is of no use any more: what has arrived before can be received, then
 * the calls fail with EIO.
 */
public final class WorkQueue implements AutoCloseable {
    private final WorkQueues group;
    private final Object userContext;
    private final boolean alone;
    private final WorkQueueCore core;

    WorkQueue(WorkQueues group, Object userContext, boolean alone) {
        this.group = group;
        this.userContext = userContext;
        this.alone = alone;
        core = new WorkQueueCore(this, group);
    }

    WorkQueueCore core() {
        return core;
    }

    /**
     * A queue with a channel of its own, in a context that is open already; others may use that too.
     *
     * @param context of any device; not closed with the queue
     * @param options what it is to be
     * @return a new queue, not connected
     * @throws VerbsException as {@link WorkQueues#on} and {@link WorkQueues#add()}
     */
    public static WorkQueue on(Context context, WorkQueueOptions options) {
        WorkQueues group = WorkQueues.on(context, options);
        try {
            return group.make(null, true);
        } catch (RuntimeException e) {
            group.close();
            throw e;
        }
    }

    /**
     * A queue on the device that suits best, with a context and a channel of its own.
     *
     * @param requirements what the device must have; one that has no room for a queue is passed over
     * @param options what the queue is to be
     * @return a new queue, not connected; closing it closes the context
     * @throws VerbsException EINVAL when something is null, or the depth is more than the device can do: ask for a {@link
     *     org.rddma.verbs.DeviceLimit}; otherwise as {@link org.rddma.verbs.Selection#open(java.util.function.Function)}
     */
    public static WorkQueue request(Requirements requirements, WorkQueueOptions options) {
        WorkQueues.checkRequest("WorkQueue.request", requirements, options);
        return Verbs.select(requirements).open(context -> new WorkQueues(context, options, context).make(null, true));
    }

    /**
     * Where it can be reached.
     *
     * @return what the peer must {@link #connect} to
     */
    public Endpoint endpoint() {
        return Endpoint.of(core.pair);
    }

    /**
     * The queue pair behind it, to be asked, or to be connected in another way. Posting to it is the queue's business.
     *
     * @return an RC queue pair
     */
    public QueuePair queuePair() {
        return core.pair;
    }

    /**
     * The caller's object.
     *
     * @return what was given at creation
     */
    public Object userContext() {
        return userContext;
    }

    /**
     * Connects it, as {@link Endpoint#connect(QueuePair)} does. The peer does the same; messages may be sent as soon as
     * both have. After a failure it may be tried again.
     *
     * @param peer another queue's endpoint, or this one's own
     * @throws VerbsException EINVAL when it is null, or this queue is connected; otherwise as {@link
     *     Endpoint#connect(QueuePair)}
     */
    public void connect(Endpoint peer) {
        if (peer == null) {
            throw new VerbsException("WorkQueue.connect", Errno.EINVAL, "the peer is null");
        }
        enter("WorkQueue.connect");
        try {
            core.connect("WorkQueue.connect", peer);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Begins to receive, on a queue pair that was connected in another way than by {@link #connect}. Harmless when done
     * already.
     *
     * @throws VerbsException EINVAL when the queue pair is in RESET; otherwise as {@link QueuePair#postReceive}
     */
    public void activate() {
        enter("WorkQueue.activate");
        try {
            core.activate("WorkQueue.activate");
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Sends a copy of a message, if there is room.
     *
     * @param message from position to limit, on the heap or direct, 0 bytes to the queue's message size; when it is
     *     sent its position is its limit
     * @return false when the queue is full; then nothing has changed
     * @throws VerbsException EINVAL when it is null or too long, or the queue is not connected; EBUSY when another thread
     *     is in a call; EIO when the queue has failed or the device is gone; EBADF when it or its context is closed
     */
    public boolean send(ByteBuffer message) {
        checkMessage("WorkQueue.send", message);
        enter("WorkQueue.send");
        try {
            return core.trySend("WorkQueue.send", message);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Sends a message, and waits for room as long as it takes.
     *
     * @param message as for {@link #send(ByteBuffer)}
     * @return false when woken by {@link WorkQueues#wakeup()}, an interrupt, which stays set, or because another queue of
     *     the group was closed: nothing was sent, call it again
     * @throws VerbsException as {@link #send(ByteBuffer)}, also while waiting
     */
    public boolean sendSync(ByteBuffer message) {
        return sendSync(message, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * Sends a message, and waits for room no longer than given.
     *
     * @param message as for {@link #send(ByteBuffer)}
     * @param timeout how long; 0 or less looks once
     * @param unit of the timeout
     * @return false when there was none in time, or as {@link #sendSync(ByteBuffer)}: nothing was sent
     * @throws VerbsException EINVAL when the unit is null; otherwise as {@link #send(ByteBuffer)}, also while waiting
     */
    public boolean sendSync(ByteBuffer message, long timeout, TimeUnit unit) {
        checkMessage("WorkQueue.sendSync", message);
        long timeoutNanos = nanos("WorkQueue.sendSync", timeout, unit);
        enter("WorkQueue.sendSync");
        try {
            long start = System.nanoTime();
            boolean sent = core.trySend("WorkQueue.sendSync", message);
            while (!sent && sleep("WorkQueue.sendSync", start, timeoutNanos)) {
                sent = core.trySend("WorkQueue.sendSync", message);
            }
            return sent;
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Sends a message from where it is, if there is room. Its memory is the queue's until {@link #completed()} counts it.
     *
     * @param message in memory that was {@linkplain #share shared}, 0 bytes to the queue's message size; the element may
     *     be set anew at once
     * @return false when the queue is full; then nothing has changed
     * @throws VerbsException EINVAL when it is null, too long, or not in shared memory; otherwise as {@link
     *     #send(ByteBuffer)}
     */
    public boolean send(ScatterGatherElement message) {
        enter("WorkQueue.send");
        try {
            SharedMemory.Share share = core.shared.of("WorkQueue.send", message);
            checkLength("WorkQueue.send", message.length());
            return core.hasRoom("WorkQueue.send") && core.sends.send(message, share);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Reads memory that the peer has shared, if there is room.
     *
     * @param into shared memory with LOCAL_WRITE; the queue's until {@link #completed()} counts this request
     * @param remoteAddress of the peer's memory
     * @param rkey the peer's key, with REMOTE_READ
     * @return false when the queue is full; then nothing has changed
     * @throws VerbsException EINVAL when the element is null or not in shared memory; EOPNOTSUPP when the device cannot
     *     read; otherwise as {@link #send(ByteBuffer)}
     */
    public boolean read(ScatterGatherElement into, long remoteAddress, int rkey) {
        enter("WorkQueue.read");
        try {
            SharedMemory.Share share = core.shared.of("WorkQueue.read", into);
            return core.hasRoom("WorkQueue.read") && core.sends.read(into, share, remoteAddress, rkey);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Writes memory that the peer has shared, if there is room. The peer is not told: send it a message behind.
     *
     * @param from shared memory; the queue's until {@link #completed()} counts this request
     * @param remoteAddress of the peer's memory
     * @param rkey the peer's key, with REMOTE_WRITE
     * @return false when the queue is full; then nothing has changed
     * @throws VerbsException EINVAL when the element is null or not in shared memory; otherwise as {@link
     *     #send(ByteBuffer)}
     */
    public boolean write(ScatterGatherElement from, long remoteAddress, int rkey) {
        enter("WorkQueue.write");
        try {
            SharedMemory.Share share = core.shared.of("WorkQueue.write", from);
            return core.hasRoom("WorkQueue.write") && core.sends.write(from, share, remoteAddress, rkey);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * The next message, if there is one. Gives back the one before.
     *
     * @return the message from position 0 to its limit, big-endian, in the queue's own memory, which the program may
     *     change: its own until the next call of this, of {@link #receiveSync()} or of {@link WorkQueues#serve}; null
     *     when there is none
     * @throws VerbsException EINVAL when the queue is not connected; EBUSY when another thread is in a call, or this one
     *     is in the handler of this queue; EIO when the queue has failed or the device is gone; EBADF when it or its
     *     context is closed
     */
    public ByteBuffer receive() {
        enter("WorkQueue.receive");
        try {
            return core.tryReceive("WorkQueue.receive");
        } finally {
            group.gate.leave();
        }
    }

    /**
     * The next message; waits for it as long as it takes. Gives back the one before.
     *
     * @return as {@link #receive}; null when woken by {@link WorkQueues#wakeup()}, an interrupt, which stays set, or
     *     because another queue of the group was closed: call it again
     * @throws VerbsException as {@link #receive}, also while waiting
     */
    public ByteBuffer receiveSync() {
        return receiveSync(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * The next message; waits for it no longer than given. Gives back the one before.
     *
     * @param timeout how long; 0 or less looks once
     * @param unit of the timeout
     * @return as {@link #receive}; null when none came in time, or as {@link #receiveSync()}
     * @throws VerbsException EINVAL when the unit is null; otherwise as {@link #receive}, also while waiting
     */
    public ByteBuffer receiveSync(long timeout, TimeUnit unit) {
        long timeoutNanos = nanos("WorkQueue.receiveSync", timeout, unit);
        enter("WorkQueue.receiveSync");
        try {
            long start = System.nanoTime();
            ByteBuffer message = core.tryReceive("WorkQueue.receiveSync");
            while (message == null && sleep("WorkQueue.receiveSync", start, timeoutNanos)) {
                message = core.tryReceive("WorkQueue.receiveSync");
            }
            return message;
        } finally {
            group.gate.leave();
        }
    }

    /**
     * How many requests were posted so far: messages, reads and writes.
     *
     * @return 0 or more; call it from the thread that uses the queue
     */
    public long posted() {
        return core.sends.posted();
    }

    /**
     * How many requests are completed, all before them too: the peer has their messages, what was read has come, and
     * their memory is the program's again.
     *
     * @return 0 to {@link #posted()}
     * @throws VerbsException EBUSY when another thread is in a call; EBADF when the queue or its context is closed; EIO
     *     when the device is gone
     */
    public long completed() {
        enter("WorkQueue.completed");
        try {
            core.poll();
            return core.sends.completed();
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Waits until so many requests are completed: {@link #posted()} for all. When the queue is closed, what is not
     * completed is lost.
     *
     * @param count how many since the queue was made
     * @param timeout how long; 0 or less looks once
     * @param unit of the timeout
     * @return false when fewer were in time, or when woken as {@link #sendSync(ByteBuffer)}
     * @throws VerbsException EINVAL when the unit is null, or more are waited for than are posted; otherwise as {@link
     *     #send(ByteBuffer)}, also while waiting
     */
    public boolean awaitCompleted(long count, long timeout, TimeUnit unit) {
        long timeoutNanos = nanos("WorkQueue.awaitCompleted", timeout, unit);
        enter("WorkQueue.awaitCompleted");
        try {
            if (count > core.sends.posted()) {
                throw new VerbsException(
                        "WorkQueue.awaitCompleted",
                        Errno.EINVAL,
                        core.sends.posted() + " requests are posted, so " + count + " will never be completed");
            }
            long start = System.nanoTime();
            core.poll();
            while (core.sends.completed() < count) {
                core.checkUsable("WorkQueue.awaitCompleted");
                if (!sleep("WorkQueue.awaitCompleted", start, timeoutNanos)) {
                    return false;
                }
            }
            return true;
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Lets the device use a buffer, all of it: for requests of this queue in place, and, with remote rights, for its
     * peer's reads and writes.
     *
     * @param buffer direct or mapped
     * @param access bits of {@link AccessFlags}
     * @return the region: its address and remote key are what a peer needs
     * @throws VerbsException as {@link org.rddma.verbs.ProtectionDomain#registerMemory(ByteBuffer, int)}
     */
    public MemoryRegion share(ByteBuffer buffer, int access) {
        enter("WorkQueue.share");
        try {
            return core.shared.add(core.domain.registerMemory(buffer, access), false);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Lets the device use all memory of the process, that which is there and that which comes later: for requests in place,
     * whose elements name memory by {@link MemoryRegion#addressOf} and the region's key. The program keeps its buffers
     * reachable while they are used. See {@link org.rddma.verbs.ProtectionDomain#registerAll} for what rights mean here.
     *
     * @param access bits of {@link AccessFlags}
     * @return the region
     * @throws VerbsException as {@link org.rddma.verbs.ProtectionDomain#registerAll}: EOPNOTSUPP when the device cannot;
     *     {@link org.rddma.verbs.Capability#SHARE_ALL} can be required
     */
    public MemoryRegion shareAll(int access) {
        enter("WorkQueue.shareAll");
        try {
            return core.shared.add(core.domain.registerAll(access), true);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Takes shared memory away from the device again. What is shared still when the queue is closed is taken away then.
     *
     * @param region that {@link #share} or {@link #shareAll} has returned
     * @throws VerbsException EBUSY while requests use it; EINVAL when it is not shared
     */
    public void unshare(MemoryRegion region) {
        enter("WorkQueue.unshare");
        try {
            core.poll();
            core.shared.remove(region);
        } finally {
            group.gate.leave();
        }
    }

    /**
     * Offers the handler the message again that it has refused, before anything else of this queue. Harmless when it has
     * refused none. To be called by the thread that serves; wake that with {@link WorkQueues#wakeup()}.
     *
     * @throws VerbsException EBUSY when another thread is in a call; EBADF when the queue is closed
     */
    public void resume() {
        enter("WorkQueue.resume");
        try {
            core.resume();
        } finally {
            group.gate.leave();
        }
    }

    /**
     * What has ended the queue's use.
     *
     * @return the status of the request that failed first; null while all is well
     */
    public WorkCompletionStatus failure() {
        return core.failure();
    }

    /**
     * Closes it. What is posted and not completed is dropped: wait with {@link #awaitCompleted} before. A thread that
     * waits in a call is woken, on this queue with EBADF; this waits until it has left. Closing twice is harmless, also
     * in the handler.
     *
     * @throws VerbsException EBUSY when the program has made objects of its own in the queue's protection domain; EINTR when
     *     interrupted while waiting: call again
     */
    @Override
    public void close() {
        core.setClosed();
        if (alone) {
            group.close();
        } else {
            group.close(core);
        }
    }

    @Override
    public String toString() {
        return "work queue on " + core.pair;
    }

    /** Waits for completions of any queue of the group; false when the call should end. */
    private boolean sleep(String verb, long start, long timeoutNanos) {
        long left = timeoutNanos == Long.MAX_VALUE ? Long.MAX_VALUE : timeoutNanos - (System.nanoTime() - start);
        boolean again =
                left > 0 && !group.gate.isWaited() && !Thread.currentThread().isInterrupted() && group.pump(left) > 0;
        group.checkOpen(verb);
        core.checkOpen(verb);
        return again;
    }

    private void enter(String verb) {
        group.enter(verb);
        try {
            core.checkOpen(verb);
        } catch (VerbsException e) {
            group.gate.leave();
            throw e;
        }
    }

    private void checkMessage(String verb, ByteBuffer message) {
        if (message == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the message is null");
        }
        checkLength(verb, message.remaining());
    }

    private void checkLength(String verb, int length) {
        if (length > group.options.messageSize()) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the message has " + length + " bytes and may have " + group.options.messageSize()
                            + ": make both ends with a larger message size");
        }
    }

    private static long nanos(String verb, long timeout, TimeUnit unit) {
        if (unit == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the unit of the timeout is null");
        }
        return Math.max(0, unit.toNanos(timeout));
    }
}
