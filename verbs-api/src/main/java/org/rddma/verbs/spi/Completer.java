package org.rddma.verbs.spi;

import java.util.stream.Stream;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.WorkCompletionStatus;
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
    private static final int STATUSES = 1
            + Stream.of(WorkCompletionStatus.values())
                    .mapToInt(WorkCompletionStatus::value)
                    .max()
                    .orElse(0);

    private final CompletionRing ring;
    private final DeliveryVector vector;
    private final EventChannel<CompletionQueue> channel;
    private final EventSource<CompletionQueue> source;
    private final Runnable onOverrun;
    private final DeviceClock rawClock;
    private final DeviceClock wallClock;
    private final DeviceTimer timer;
    private final String name;

    /** Null where completions are appended at once. */
    private final CompletionDelivery delivery;

    private final SpinLock lock = new SpinLock();

    /** Null when events are not delayed; guarded by the lock. */
    private Moderation moderation;

    /** By status, how often a completion was an error; null before the first; guarded by the lock. */
    private long[] failures;

    /** Completions that were not appended; guarded by the lock. */
    private long lost;

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
            DeviceTimer timer,
            String name) {
        this.ring = ring;
        this.vector = vector;
        this.channel = channel;
        this.source = source;
        this.onOverrun = onOverrun;
        this.rawClock = rawClock;
        this.wallClock = wallClock;
        this.timer = timer;
        this.name = name;
        delivery = vector.deliveryOf(name);
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
        if (delivery == null) {
            return append(
                    wrId,
                    status,
                    opcode,
                    flags,
                    byteLength,
                    immediate,
                    queuePair,
                    sourceQueuePair,
                    serviceLevel,
                    solicited,
                    work,
                    workPosition,
                    false);
        }
        work.soExecuted(workPosition, WorkRing.PENDING);
        delivery.defer(new UndeliveredCompletion(
                this,
                wrId,
                status,
                opcode,
                flags,
                byteLength,
                immediate,
                queuePair,
                sourceQueuePair,
                serviceLevel,
                solicited,
                work,
                workPosition));
        return true;
    }

    boolean deliver(UndeliveredCompletion completion) {
        return append(
                completion.wrId(),
                completion.status(),
                completion.opcode(),
                completion.flags(),
                completion.byteLength(),
                completion.immediate(),
                completion.queuePair(),
                completion.sourceQueuePair(),
                completion.serviceLevel(),
                completion.solicited(),
                completion.work(),
                completion.workPosition(),
                true);
    }

    private boolean append(
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
            long workPosition,
            boolean deferred) {
        lock.lock();
        try {
            if (overrun || closed) {
                lost++;
                note(work, workPosition, WorkRing.LOST, deferred);
                return false;
            }
            long position = ring.write(
                    wrId, status, opcode, flags, 0, byteLength, immediate, queuePair, sourceQueuePair, 0, serviceLevel);
            if (position < 0) {
                overrun = true;
                raiseIfArmed();
                onOverrun.run();
                lost++;
                note(work, workPosition, WorkRing.LOST, deferred);
                return false;
            }
            if (rawClock != null) {
                ring.writeRawTime(position, rawClock.rawTicks());
            }
            if (wallClock != null) {
                ring.writeWallTime(position, wallClock.wallClockNanos());
            }
            note(work, workPosition, position, deferred);
            ring.publish(position);
            if (status != 0) {
                countFailure(status);
            }
            notifyOf(solicited || status != 0);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void countFailure(int status) {
        if (failures == null) {
            failures = new long[STATUSES];
        }
        failures[status]++;
    }

    /**
     * How many completions there were with an error, for diagnostics.
     *
     * @return by the value of the status
     */
    public long[] failures() {
        lock.lock();
        try {
            return failures == null ? new long[STATUSES] : failures.clone();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How many completions were lost, for diagnostics.
     *
     * @return those for which there was no room, and those that came later
     */
    public long lost() {
        lock.lock();
        try {
            return lost;
        } finally {
            lock.unlock();
        }
    }

    /**
     * How many events were raised, for diagnostics.
     *
     * @return those that were put into the channel
     */
    public long eventsRaised() {
        return source.raised();
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

    private static void note(WorkQueue work, long workPosition, long completion, boolean deferred) {
        if (deferred) {
            work.soDelivered(workPosition, completion);
        } else {
            work.soExecuted(workPosition, completion);
        }
    }

    /**
     * A queue pair stops: afterwards no completion of what it did before comes any more. Called before its work queues
     * are cleared, by whoever has stopped them; with no lock held that a completion needs.
     *
     * @param queuePair its number
     */
    public void settle(int queuePair) {
        if (delivery != null) {
            delivery.settle(queuePair);
        }
    }

    /**
     * Whether nothing will be appended any more.
     *
     * @return true when a completion was lost, or the device is gone
     */
    public boolean isOverrun() {
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
            fire();
        } else if (delivery != null && delivery.armed(kind == CompletionRing.ARMED_ANY, !ring.isEmpty())) {
            fire();
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

    private void fire() {
        lock.lock();
        try {
            if (!closed) {
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
        if (delivery != null) {
            delivery.close();
        }
        if (channel != null) {
            vector.withdraw(this);
            channel.withdraw(source);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
