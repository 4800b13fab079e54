package org.rddma.verbs.spi;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.internal.channel.EventSource;
import org.rddma.verbs.internal.ring.CompletionRing;
import org.rddma.verbs.internal.ring.RingCursor;

/** A completion queue over a ring in this process's memory, for all providers. */
public abstract class AbstractCompletionQueue extends EventfulResource implements CompletionQueue {
    private final AbstractContext context;
    private final AbstractCompletionChannel channel;
    private final DeliveryVector vector;
    private final Object userContext;
    private final CompletionRing ring;
    private final EventSource<CompletionQueue> source;
    private final Completer completer;

    /** What handlers are given; null while one is using it. */
    private final AtomicReference<WorkCompletion> scratch = new AtomicReference<>(new WorkCompletion());

    /**
     * An empty queue.
     *
     * @param context its parent
     * @param label for messages
     * @param attributes what it is to be, checked by {@link CompletionQueueRules}; read, not kept
     * @param channel where events go, or null
     * @param vector where notifications are raised
     * @param parentDomain that it belongs to, or null
     * @param clock for time stamps
     * @param timer for events that are delayed
     */
    protected AbstractCompletionQueue(
            AbstractContext context,
            String label,
            CompletionQueueAttributes attributes,
            AbstractCompletionChannel channel,
            DeliveryVector vector,
            Resource parentDomain,
            DeviceClock clock,
            DeviceTimer timer) {
        super(context, label, channel, parentDomain);
        this.context = context;
        this.channel = channel;
        this.vector = vector;
        userContext = attributes.userContext();
        int fields = attributes.fields();
        boolean inThreadDomain =
                attributes.parentDomain() != null && attributes.parentDomain().threadDomain() != null;
        ring = new CompletionRing(
                attributes.entries(),
                fields,
                attributes.singleThreaded() || inThreadDomain,
                attributes.ignoreOverrun());
        source = new EventSource<>(this);
        completer = new Completer(
                ring,
                vector,
                channel == null ? null : channel.events(),
                source,
                this::overrun,
                (fields & CompletionFields.COMPLETION_TIMESTAMP) == 0 ? null : clock,
                (fields & CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK) == 0 ? null : clock,
                timer,
                label);
    }

    /**
     * The device's side of this queue.
     *
     * @return the same object every time
     */
    protected final Completer completer() {
        return completer;
    }

    /**
     * Called once, when a completion was lost because the queue was full: the provider moves the queue pairs of this
     * queue to the error state. Called under the queue's lock: must not wait, nor complete anything.
     */
    protected abstract void completionLost();

    /** Called under the queue's lock, and takes that of the asynchronous events inside of it, as events of this queue do. */
    private void overrun() {
        announce(AsyncEventType.CQ_ERR);
        completionLost();
    }

    @Override
    public AbstractContext context() {
        return context;
    }

    @Override
    public final int capacity() {
        return ring.capacity();
    }

    @Override
    public AbstractCompletionChannel channel() {
        return channel;
    }

    @Override
    public final DeliveryVector vector() {
        return vector;
    }

    @Override
    public final Object userContext() {
        return userContext;
    }

    @Override
    public final int poll(WorkCompletion[] completions) {
        requireNotClosed("poll");
        if (completions == null || completions.length == 0) {
            throw new VerbsException("poll", Errno.EINVAL, "there is no room in the array: give at least one element");
        }
        int count = ring.poll(completions);
        if (count == 0) {
            requireMoreToCome("poll");
        }
        return count;
    }

    @Override
    public final boolean poll(WorkCompletion completion) {
        requireNotClosed("poll");
        if (completion == null) {
            throw new VerbsException("poll", Errno.EINVAL, "the completion is null");
        }
        if (ring.poll(completion)) {
            return true;
        }
        requireMoreToCome("poll");
        return false;
    }

    @Override
    public final int poll(CompletionHandler handler, int limit) {
        requireNotClosed("poll");
        if (handler == null) {
            throw new VerbsException("poll", Errno.EINVAL, "the handler is null");
        }
        if (limit < 1) {
            throw new VerbsException("poll", Errno.EINVAL, "the limit is " + limit + ": give at least 1");
        }
        if (ring.isEmpty()) {
            requireMoreToCome("poll");
            return 0;
        }
        WorkCompletion own = scratch.getAndSet(null);
        WorkCompletion completion = own == null ? new WorkCompletion() : own; // another handler is at work
        try {
            return ring.poll(handler, limit, completion);
        } finally {
            scratch.set(completion);
        }
    }

    @Override
    public final CompletionCursor cursor() {
        requireNotClosed("cursor");
        return new Cursor(this);
    }

    @Override
    public final boolean requestNotify(NotificationType type) {
        requireOpen("requestNotify");
        if (type == null) {
            throw new VerbsException("requestNotify", Errno.EINVAL, "the type is null: give ANY or SOLICITED");
        }
        completer.arm(type == NotificationType.ANY ? CompletionRing.ARMED_ANY : CompletionRing.ARMED_SOLICITED);
        return !ring.isEmpty() || completer.isOverrun();
    }

    @Override
    public final void resize(int entries) {
        requireOpen("resize");
        CompletionQueueRules.checkResize(entries, context.device().attributes());
        completer.resize(entries);
    }

    @Override
    public final void moderate(int count, int periodMicros) {
        requireOpen("moderate");
        CompletionQueueRules.checkModerate(count, periodMicros, context.device().attributes());
        completer.moderate(count, TimeUnit.MICROSECONDS.toNanos(periodMicros));
    }

    @Override
    public final void ackEvents(int count) {
        source.acknowledge(count, "ackEvents");
    }

    @Override
    public final int unacknowledgedEvents() {
        return source.unacknowledged();
    }

    @Override
    final EventSource<CompletionQueue> furtherEvents() {
        return source;
    }

    @Override
    protected final void deviceLost() {
        completer.stop();
    }

    @Override
    protected final void release() {
        completer.close();
    }

    /** Fails when the queue is empty and nothing will be appended any more. */
    private void requireMoreToCome(String verb) {
        if (completer.isOverrun() && ring.isEmpty()) {
            requireOpen(verb);
            throw new VerbsException(
                    verb,
                    Errno.EOVERFLOW,
                    this
                            + " was overrun, completions are lost: make it as large as all work requests that can be"
                            + " under way on it (it holds " + capacity() + ")");
        }
    }

    private static final class Cursor extends RingCursor {
        private final AbstractCompletionQueue queue;

        Cursor(AbstractCompletionQueue queue) {
            super(queue.ring);
            this.queue = queue;
        }

        @Override
        public boolean next() {
            queue.requireNotClosed("next");
            if (advance()) {
                return true;
            }
            queue.requireMoreToCome("next");
            return false;
        }
    }
}
