package org.rddma.verbs.layer;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/** The verbs that take events from channels. */
final class Waiting {
    /** How long a thread waits for what will never come before that is reported. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final Completing completing;
    private final Findings findings;

    Waiting(Completing completing, Findings findings) {
        this.completing = completing;
        this.findings = findings;
    }

    Object channel(Call call, ChannelNotes channel) throws Throwable {
        return switch (call.verb()) {
            case "getEvent" -> read(getEvent(call, channel));
            case "tryGetEvent" -> read(call.proceed());
            case "wakeup" -> {
                channel.wakeups.incrementAndGet();
                yield call.proceed();
            }
            default -> call.proceed();
        };
    }

    private static Object read(Object queue) {
        Wrapper wrapper = Wrapper.of(queue);
        if (wrapper != null && wrapper.notes instanceof QueueNotes notes) {
            notes.eventRead();
        }
        return queue;
    }

    private Object getEvent(Call call, ChannelNotes channel) throws Throwable {
        CompletionChannel target = call.target(CompletionChannel.class);
        for (QueueNotes queue : channel.queues) {
            if (queue.isNotPolledAfterArm() && target.unreadEvents() == 0) {
                findings.report(
                        Kind.NOT_POLLED_AFTER_ARM,
                        call.verb(),
                        Errno.EINVAL,
                        queue.target + " had completions when it was armed, which raise no event, and it was not polled"
                                + " since: poll until it is empty between arming and waiting");
            }
        }
        boolean isForEver = call.arguments.length == 0;
        return isForEver && isHopeless(channel) ? waitWithoutHope(call, channel, target) : call.proceed();
    }

    private boolean isHopeless(ChannelNotes channel) {
        return !channel.queues.isEmpty() && !channel.wasArmed() && completing.isAwaited(channel);
    }

    /**
     * Waits for a while, and for ever only when it was reported that nothing will come. What ends the first wait ends the
     * verb: a wake-up is told from the end of the time by the wake-ups that have been counted.
     */
    private Object waitWithoutHope(Call call, ChannelNotes channel, CompletionChannel target) throws Throwable {
        long wakeups = channel.wakeups.get();
        long start = System.nanoTime();
        CompletionQueue event = target.getEvent(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        boolean isOver = event != null
                || Thread.currentThread().isInterrupted()
                || channel.wakeups.get() != wakeups
                || System.nanoTime() - start < PATIENCE_NANOS;
        if (isOver) {
            return call.wrapped(event);
        }
        if (isHopeless(channel)) {
            findings.report(
                    Kind.NEVER_ARMED,
                    call.verb(),
                    Errno.EINVAL,
                    "requests are posted whose completions go to the queues of " + target
                            + ", but none of these was ever armed, and so none raises an event: call requestNotify, poll"
                            + " until empty, and only then wait");
        }
        return call.proceed();
    }

    static Object asyncEvents(Call call) throws Throwable {
        Object result = call.proceed();
        if (result instanceof AsyncEvent event) {
            Wrapper element = Wrapper.of(element(event));
            Object about = element == null ? null : element.notes;
            Owed owed = about instanceof QueueNotes queue
                    ? queue.asyncEvents
                    : about instanceof PairNotes pair
                            ? pair.asyncEvents
                            : about instanceof SharedNotes shared ? shared.asyncEvents : null;
            if (owed != null) {
                ((EventNotes) Wrapper.of(event).notes).owed = owed;
                owed.read(event.type().toString());
            }
        }
        return result;
    }

    private static Object element(AsyncEvent event) {
        Object queue = event.completionQueue() == null ? event.queuePair() : event.completionQueue();
        return queue == null ? event.sharedReceiveQueue() : queue;
    }

    static Object asyncEvent(Call call, EventNotes notes) throws Throwable {
        Object result = call.proceed();
        if (call.verb().equals("acknowledge") && notes.owed != null) {
            notes.owed.acknowledged(1);
        }
        return result;
    }
}
