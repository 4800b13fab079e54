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
    private final DeviceClock rawClock;
    private final DeviceClock wallClock;
    private final DeviceTimer timer;
    private final SpinLock lock = new SpinLock();

    /** Null when events are not delayed; guarded by the lock. */
    private Moderation moderation;

    private volatile boolean overrun;
    private volatile boolean closed;

    /**
     * The device's side of a queue.
     *
     * @param ring where completions go
     * @param vector where events are raised
     * @param channel where events go, or null
     * @param source of the events
     * @param onOverrun called once, under the lock, when a completion is lost
     * @param rawClock for time stamps, or null for completions without
     * @param wallClock for time stamps, or null for completions without
     * @param timer for events that are delayed
     */
    Completer(
            CompletionRing ring,
            DeliveryVector vector,
            EventChannel<CompletionQueue> channel,
            EventSource<CompletionQueue> source,
            Runnable onOverrun,
            DeviceClock rawClock,
            DeviceClock wallClock,
            DeviceTimer timer) {
        this.ring = ring;
        this.vector = vector;
        this.channel = channel;
        this.source = source;
        this.onOverrun = onOverrun;
        this.rawClock = rawClock;
        this.wallClock = wallClock;
        this.timer = timer;
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
                raiseIfArmed();
                onOverrun.run();
                work.soExecuted(workPosition, WorkRing.LOST);
                return false;
            }
            if (rawClock != null) {
                ring.writeRawTime(position, rawClock.rawTicks());
            }
            if (wallClock != null) {
                ring.writeWallTime(position, wallClock.wallClockNanos());
            }
            work.soExecuted(workPosition, position);
            ring.publish(position);
            notifyOf(solicited || status != 0);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void notifyOf(boolean solicited) {
        if (channel == null) {
            return;
        }
        if (moderation == null) {
            if (ring.takeArm(solicited)) {
                vector.raise(this);
            }
        } else if (ring.isArmedFor(solicited) && moderation.isDue()) {
            raiseIfArmed();
        }
    }

    /** Raises an event now, whatever it was delayed for. */
    private void raiseIfArmed() {
        if (moderation != null) {
            moderation.raised();
        }
        if (channel != null && ring.takeArm(true)) {
            vector.raise(this);
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
                if (!closed) {
                    raiseIfArmed();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    void resize(int entries) {
        ring.resize(entries, lock);
    }

    void moderate(int count, long periodNanos) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (moderation == null) {
                moderation = new Moderation(timer, this::delayEnded);
            }
            if (moderation.change(count, periodNanos)) {
                raiseIfArmed();
            }
            if (count == 0 && periodNanos == 0) {
                moderation = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void delayEnded() {
        lock.lock();
        try {
            if (!closed && moderation != null && moderation.isTimeUp()) {
                raiseIfArmed();
            }
        } finally {
            lock.unlock();
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
            if (moderation != null) {
                moderation.cancel();
            }
        } finally {
            lock.unlock();
        }
        if (channel != null) {
            vector.withdraw(this);
            channel.withdraw(source);
        }
    }
}
