package org.rddma.verbs.spi;

import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.internal.channel.EventChannel;
import org.rddma.verbs.internal.channel.EventSource;
import org.rddma.verbs.internal.ring.CompletionRing;
import org.rddma.verbs.internal.ring.SpinLock;
import org.rddma.verbs.internal.ring.WorkQueue;
import org.rddma.verbs.internal.ring.WorkRing;

/**
 * The device's side of a completion queue: appends completions and raises events. Appending, looking at the arm,
 * taking it and raising the event are one critical section, so that events of a queue are raised in the order of its
 * completions, and none after the queue is closed.
 */
public final class Completer {
    private final CompletionRing ring;
    private final DeliveryVector vector;
    private final EventChannel<CompletionQueue> channel;
    private final EventSource<CompletionQueue> source;
    private final Runnable onOverrun;
    private final SpinLock lock = new SpinLock();
    private volatile boolean overrun;
    private volatile boolean closed;

    Completer(
            CompletionRing ring,
            DeliveryVector vector,
            EventChannel<CompletionQueue> channel,
            EventSource<CompletionQueue> source,
            Runnable onOverrun) {
        this.ring = ring;
        this.vector = vector;
        this.channel = channel;
        this.source = source;
        this.onOverrun = onOverrun;
    }

    /**
     * The ring, for work queues that want to know what has been polled.
     *
     * @return the ring
     */
    @SuppressWarnings("exports") // for the project's own providers, which see that package
    public CompletionRing ring() {
        return ring;
    }

    /**
     * Appends a completion, and raises an event if the queue is armed for it. Where the queue is full the completion
     * is lost and the queue is overrun from then on.
     *
     * @param wrId id of the work request
     * @param status value of a {@link org.rddma.verbs.WorkCompletionStatus}
     * @param opcode value of a {@link org.rddma.verbs.WorkCompletionOpcode}
     * @param flags bits of {@link org.rddma.verbs.WorkCompletionFlags}
     * @param byteLength bytes moved, unsigned
     * @param immediate immediate data
     * @param queuePair local queue pair
     * @param sourceQueuePair remote queue pair of a datagram
     * @param serviceLevel of a datagram
     * @param solicited whether the sender asked for it; errors are solicited anyway
     * @param work the work queue whose request this completes
     * @param workPosition the request: the work queue knows that it is done before a consumer can see the completion
     * @return false when the completion is lost
     */
    @SuppressWarnings("exports") // for the project's own providers, which see that package
    public boolean complete(
            long wrId,
            int status,
            int opcode,
            int flags,
            int byteLength,
            int immediate,
            int queuePair,
            int sourceQueuePair,
            int serviceLevel,
            boolean solicited,
            WorkQueue work,
            long workPosition) {
        lock.lock();
        try {
            if (overrun || closed) {
                work.soExecuted(workPosition, WorkRing.LOST);
                return false;
            }
            long position = ring.write(
                    wrId, status, opcode, flags, 0, byteLength, immediate, queuePair, sourceQueuePair, 0, serviceLevel);
            if (position < 0) {
                overrun = true;
                if (channel != null && ring.takeArm(true)) {
                    vector.raise(this);
                }
                onOverrun.run();
                work.soExecuted(workPosition, WorkRing.LOST);
                return false;
            }
            work.soExecuted(workPosition, position);
            ring.publish(position);
            if (channel != null && ring.takeArm(solicited || status != 0)) {
                vector.raise(this);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether a completion has been taken out, or never will be.
     *
     * @param position of the completion
     * @return true when its work queue entry is free
     */
    public boolean isPolled(long position) {
        return closed || ring.isPolled(position);
    }

    /** Whether nothing will be appended any more: a completion was lost, or the device is gone. */
    boolean isOverrun() {
        return overrun;
    }

    /** The device is gone: appends nothing any more. */
    void stop() {
        lock.lock();
        overrun = true;
        lock.unlock();
    }

    void arm(int kind) {
        ring.arm(kind);
        if (overrun && channel != null) { // nothing will be appended any more: whoever waits must come and see
            lock.lock();
            try {
                if (!closed && ring.takeArm(true)) {
                    vector.raise(this);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    void deliverEvent() {
        channel.raise(source);
    }

    /** Appends and raises nothing any more, and withdraws the events that are unread. */
    void close() {
        lock.lock();
        try {
            closed = true;
            ring.disarm();
        } finally {
            lock.unlock();
        }
        if (channel != null) {
            vector.withdraw(this);
            channel.withdraw(source);
        }
    }
}
