package org.rddma.verbs.app;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/**
 * Waits for completions of one queue, or of many on one channel, without the lost wake-up: polls for a while, yields
 * for a while, then arms, looks again, and only then sleeps on the channel. Events are acknowledged as they are taken.
 *
 * <p>For one thread at a time, and it must be the only one that takes events from this channel. Others may poll the
 * queues too: that costs empty wake-ups, nothing else. End a wait from outside with {@link
 * CompletionChannel#wakeup()} or an interrupt. Remove a queue before closing it.
 *
 * <p>{@link #await(WorkCompletion[])} fills an array and sleeps on the channel. Those who sleep elsewhere call {@link
 * #poll} and {@link #arm}, or add their queues with a handler each and call {@link #drain}.
 */
public final class CompletionWaiter {
    /*
     * A queue is armed or active. Armed: it was armed and found empty after that, so if a completion is there now its
     * event is in the channel or on its way: the queue need not be looked at. Active: it may hold completions; it is
     * polled.
     *
     *   active --(armed, and empty after that)--> armed --(its event was taken)--> active
     *
     * A wait takes what events there are, which makes their queues active, and polls the active queues in turn. Only
     * when all are armed does it sleep. With thousands of queues the cost of a wait depends on how many are active,
     * not on how many there are.
     *
     * Completions that are not solicited raise no event for a queue that is armed for solicited ones only: then all
     * queues stay active, and are armed anew before each sleep.
     *
     * A turn of drain() polls each active queue up to a budget, and arms it by itself as soon as it is empty: so what
     * a turn costs depends on the queues that are busy, and one that is always busy neither keeps the others from
     * being armed nor from being polled. A handler may remove and add queues, its own too: a queue knows its place
     * among the active ones, into which the last of them moves when it leaves.
     */
    private final CompletionChannel channel;
    private final WaitOptions options;
    private final IdentityHashMap<CompletionQueue, Member> members = new IdentityHashMap<>();

    /** Queues that were removed while armed: an event of theirs may come yet. */
    private final Set<CompletionQueue> removed;

    private final WorkCompletion drained = new WorkCompletion();
    private final long pollNanos;

    private Member[] active = new Member[4];
    private int activeCount;
    private int nextActive;

    /** Whether queues came or went since the turn of drain() began. */
    private boolean changed;

    private CompletionQueue last;

    private long spins;
    private long yields;
    private long arms;
    private long sleeps;
    private long events;
    private long emptyWakeups;

    private static final class Member {
        final CompletionQueue queue;
        final QueueHandler handler;

        /** Where it is among the active queues; negative when it is armed, or removed. */
        int place = -1;

        boolean removed;

        /** Whether an event has made it active that nothing was found for yet. */
        boolean fired;

        /** When it last had a completion, or became active; kept only where queues are polled for a while. */
        long lastFound;

        Member(CompletionQueue queue, QueueHandler handler) {
            this.queue = queue;
            this.handler = handler;
        }
    }

    /**
     * A waiter for one queue.
     *
     * @param queue has a channel
     * @param options how to wait
     * @return a new waiter
     * @throws VerbsException EINVAL when something is null, or the queue has no channel
     */
    public static CompletionWaiter of(CompletionQueue queue, WaitOptions options) {
        if (queue == null) {
            throw new VerbsException("CompletionWaiter", Errno.EINVAL, "the queue is null");
        }
        if (queue.channel() == null) {
            throw new VerbsException("CompletionWaiter", Errno.EINVAL, queue + " has no channel: make it with one");
        }
        CompletionWaiter waiter = new CompletionWaiter(queue.channel(), options);
        waiter.add(queue);
        return waiter;
    }

    /**
     * A waiter for the queues of one channel; add them.
     *
     * @param channel theirs
     * @param options how to wait
     * @throws VerbsException EINVAL when one is null
     */
    public CompletionWaiter(CompletionChannel channel, WaitOptions options) {
        this(channel, options, Collections.newSetFromMap(new WeakHashMap<>()));
    }

    /** A waiter that knows which queues others had before. */
    CompletionWaiter(CompletionChannel channel, WaitOptions options, Set<CompletionQueue> removed) {
        if (channel == null || options == null) {
            throw new VerbsException("CompletionWaiter", Errno.EINVAL, "the channel or the options are null");
        }
        this.channel = channel;
        this.options = options;
        this.removed = removed;
        pollNanos = options.spin().plus(options.yield()).toNanos();
    }

    /**
     * Waits for this queue too.
     *
     * @param queue of the same channel
     * @throws VerbsException EINVAL when its channel is another, or it was added before
     */
    public void add(CompletionQueue queue) {
        admit(queue, null);
    }

    /**
     * Waits for this queue too, and hands its completions to a handler when it is drained.
     *
     * @param queue of the same channel
     * @param handler what {@link #drain} calls; it may use any verb, and this waiter's {@code add} and {@code remove}
     * @throws VerbsException EINVAL when the handler is null; otherwise as {@link #add(CompletionQueue)}
     */
    public void add(CompletionQueue queue, QueueHandler handler) {
        if (handler == null) {
            throw new VerbsException("CompletionWaiter.add", Errno.EINVAL, "the handler is null");
        }
        admit(queue, handler);
    }

    private void admit(CompletionQueue queue, QueueHandler handler) {
        if (queue == null) {
            throw new VerbsException("CompletionWaiter.add", Errno.EINVAL, "the queue is null");
        }
        if (queue.channel() != channel) {
            throw new VerbsException(
                    "CompletionWaiter.add", Errno.EINVAL, queue + " has another channel than " + channel);
        }
        if (members.containsKey(queue)) {
            throw new VerbsException("CompletionWaiter.add", Errno.EINVAL, queue + " is there already");
        }
        Member member = new Member(queue, handler);
        members.put(queue, member);
        removed.remove(queue);
        if (active.length < members.size()) {
            active = Arrays.copyOf(active, active.length * 2);
        }
        activate(member);
        changed = true;
    }

    /**
     * Waits for this queue no more. What it has in the channel is dropped when the queue is closed.
     *
     * @param queue was added
     */
    public void remove(CompletionQueue queue) {
        Member member = members.remove(queue);
        if (member == null) {
            return;
        }
        removed.add(queue);
        member.removed = true;
        changed = true;
        if (member.place >= 0) {
            deactivate(member);
        }
    }

    /**
     * Takes completions of one of the queues, and waits for them as long as it takes.
     *
     * @param completions to be filled
     * @return how many, all of one queue: {@link #queue()}; 0 when woken by {@link CompletionChannel#wakeup()}, an
     *     interrupt, or for no reason: then call it again
     * @throws VerbsException as {@link CompletionQueue#poll(WorkCompletion[])} and {@link
     *     CompletionChannel#getEvent()}; EINVAL when a queue fires on this channel that was never added; EIO when the
     *     device is gone, after all that is left in the queues was returned
     */
    public int await(WorkCompletion[] completions) {
        return await(completions, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * Takes completions of one of the queues, and waits for them no longer than given.
     *
     * @param completions to be filled
     * @param timeout how long; 0 or less looks once
     * @param unit of the timeout
     * @return how many, all of one queue: {@link #queue()}; 0 when none came in time, or when woken
     * @throws VerbsException EINVAL when the unit is null; otherwise as {@link #await(WorkCompletion[])}
     */
    public int await(WorkCompletion[] completions, long timeout, TimeUnit unit) {
        if (unit == null) {
            throw new VerbsException("CompletionWaiter.await", Errno.EINVAL, "the unit of the timeout is null");
        }
        int count = pollOnce(completions);
        if (count > 0 || timeout <= 0) {
            return count;
        }
        try {
            return pollOrSleep(completions, unit.toNanos(timeout));
        } catch (VerbsException e) {
            return pollRest(completions, e);
        }
    }

    private int pollOrSleep(WorkCompletion[] completions, long timeoutNanos) {
        long start = System.nanoTime();
        int count = pollForAWhile(completions, start, timeoutNanos);
        while (count == 0) {
            count = armOrPoll(completions);
            if (count > 0) {
                break;
            }
            long left = timeoutNanos == Long.MAX_VALUE ? Long.MAX_VALUE : timeoutNanos - (System.nanoTime() - start);
            if (left <= 0) {
                break;
            }
            sleeps++;
            CompletionQueue queue =
                    left == Long.MAX_VALUE ? channel.getEvent() : channel.getEvent(left, TimeUnit.NANOSECONDS);
            if (queue == null) {
                break; // time, wakeup() or an interrupt
            }
            count = pollFired(queue, completions);
        }
        return count;
    }

    /**
     * Takes completions of one of the queues if there are any, without waiting and without arming. With {@link #arm}
     * it is what a program needs that sleeps elsewhere, in an epoll over many descriptors for instance.
     *
     * @param completions to be filled
     * @return how many, all of one queue: {@link #queue()}; 0 when no queue has any now
     * @throws VerbsException as {@link #await(WorkCompletion[])}
     */
    public int poll(WorkCompletion[] completions) {
        return pollOnce(completions);
    }

    /**
     * Arms all queues, or takes completions of one that is not empty.
     *
     * @param completions to be filled
     * @return 0 when every queue is armed and was empty after that: the next completion makes {@link
     *     CompletionChannel#fd()} readable, so that the caller may sleep on it; otherwise how many, all of one queue:
     *     {@link #queue()}: then call it again before sleeping
     * @throws VerbsException as {@link #await(WorkCompletion[])}
     */
    public int arm(WorkCompletion[] completions) {
        try {
            return armOrPoll(completions);
        } catch (VerbsException e) {
            return pollRest(completions, e);
        }
    }

    /**
     * Hands completions to the handlers of their queues: one turn, in which each queue that has any is given up to the
     * budget. Queues that have no more are armed, each by itself, after the time that the options give to polling.
     * What a handler throws comes out of this call; the completion that it was given counts as polled, and all others
     * are found by the next call. A queue that cannot be polled any more is removed, and its handler told so.
     *
     * @param budget of each queue, at least 1
     * @return false when every queue is armed and was empty after that: the next completion makes {@link
     *     CompletionChannel#fd()} readable, also for those who are only told of changes (EPOLLET); true when this must
     *     be called again before sleeping
     * @throws VerbsException EINVAL when the budget is less than 1, or a queue has no handler, or fires on this channel
     *     and was never added; otherwise as {@link CompletionChannel#tryGetEvent()}
     */
    public boolean drain(int budget) {
        if (budget < 1) {
            throw new VerbsException("CompletionWaiter.drain", Errno.EINVAL, "the budget is " + budget);
        }
        changed = false;
        boolean again = takeEvents();
        long now = pollNanos > 0 ? System.nanoTime() : 0;
        int place = 0;
        for (int turns = activeCount; turns > 0 && place < activeCount; turns--) {
            Member member = active[place];
            again |= drain(member, budget, now);
            if (member.place == place) {
                place++;
            }
        }
        return again || changed;
    }

    /**
     * The queue that the last completions came from.
     *
     * @return null before the first
     */
    public CompletionQueue queue() {
        return last;
    }

    /**
     * What was done so far.
     *
     * @return a snapshot
     */
    public WaitStatistics statistics() {
        return new WaitStatistics(spins, yields, arms, sleeps, events, emptyWakeups);
    }

    private int pollForAWhile(WorkCompletion[] completions, long start, long timeoutNanos) {
        long spinNanos = Math.min(options.spin().toNanos(), timeoutNanos);
        long yieldNanos = Math.min(options.spin().plus(options.yield()).toNanos(), timeoutNanos);
        int count = 0;
        while (count == 0 && System.nanoTime() - start < spinNanos) {
            spins++;
            Thread.onSpinWait();
            count = pollOnce(completions);
        }
        while (count == 0
                && System.nanoTime() - start < yieldNanos
                && !Thread.currentThread().isInterrupted()) {
            yields++;
            Thread.yield();
            count = pollOnce(completions);
        }
        return count;
    }

    /** Takes the events that are there, and polls the active queues in turn. */
    private int pollOnce(WorkCompletion[] completions) {
        while (activeCount < members.size() || channel.unreadEvents() > 0) { // the second, so that they do not pile up
            CompletionQueue fired;
            try {
                fired = channel.tryGetEvent();
            } catch (VerbsException e) {
                return pollRest(completions, e);
            }
            if (fired == null) {
                break;
            }
            takeEvent(fired);
        }
        return pollActive(completions, null);
    }

    /** The device is gone: nobody fires any more, so each queue may have something; only then that is thrown. */
    private int pollRest(WorkCompletion[] completions, VerbsException failure) {
        if (failure.errno() != Errno.EIO) {
            throw failure;
        }
        activateAll();
        return pollActive(completions, failure);
    }

    /** Polls the active queues in turn; one that fails because the device is gone does not hide what others have. */
    private int pollActive(WorkCompletion[] completions, VerbsException failure) {
        VerbsException gone = failure;
        for (int i = 0; i < activeCount; i++) {
            nextActive = nextActive + 1 < activeCount ? nextActive + 1 : 0;
            CompletionQueue queue = active[nextActive].queue;
            int count = 0;
            try {
                count = queue.poll(completions);
            } catch (VerbsException e) {
                if (e.errno() != Errno.EIO) {
                    throw e;
                }
                gone = gone == null ? e : gone;
            }
            if (count > 0) {
                last = queue;
                return count;
            }
        }
        if (gone != null) {
            throw gone;
        }
        return 0;
    }

    private int pollFired(CompletionQueue queue, WorkCompletion[] completions) {
        if (!takeEvent(queue)) {
            return 0;
        }
        int count = queue.poll(completions);
        if (count == 0) {
            emptyWakeups++;
        } else {
            last = queue;
        }
        return count;
    }

    /** Acknowledges an event; false when its queue is no longer waited for. */
    private boolean takeEvent(CompletionQueue queue) {
        queue.ackEvents(1);
        events++;
        Member member = members.get(queue);
        if (member == null) {
            if (!removed.contains(queue)) {
                throw new VerbsException(
                        "CompletionWaiter.await",
                        Errno.EINVAL,
                        queue + " fired on this channel: add it to this waiter");
            }
            return false;
        }
        if (member.place < 0) {
            activate(member);
            member.fired = true;
        }
        return true;
    }

    /** Takes all events; true when there may be more. */
    private boolean takeEvents() {
        for (int limit = members.size() + 64; limit > 0; limit--) {
            CompletionQueue fired;
            try {
                fired = channel.tryGetEvent();
            } catch (VerbsException e) {
                if (e.errno() != Errno.EIO && e.errno() != Errno.EBADF) {
                    throw e;
                }
                activateAll(); // no event will come: what is left in the queues is polled, then each says so itself
                return false;
            }
            if (fired == null) {
                return false;
            }
            takeEvent(fired);
        }
        return true;
    }

    /** A queue's turn; true when it must be polled again before sleeping. */
    private boolean drain(Member member, int budget, long now) {
        QueueHandler handler = member.handler;
        if (handler == null) {
            throw new VerbsException(
                    "CompletionWaiter.drain", Errno.EINVAL, member.queue + " has no handler: add it with one");
        }
        int taken = 0;
        boolean armed = false;
        while (true) {
            while (takeOne(member)) {
                last = member.queue;
                taken++;
                armed = false;
                handler.onCompletion(drained);
                if (member.removed) {
                    return false;
                }
                if (taken == budget) {
                    member.lastFound = now;
                    return true;
                }
            }
            if (member.removed) {
                return false;
            }
            if (armed) {
                return true; // another consumer took it: arm again, for completions that came since
            }
            if (pollNanos > 0) {
                if (taken > 0) {
                    member.lastFound = now;
                }
                if (now - member.lastFound < pollNanos) {
                    return true;
                }
            }
            if (!armOne(member)) {
                return false;
            }
            armed = true;
        }
    }

    /** Polls a queue once; removes it when that fails. */
    private boolean takeOne(Member member) {
        boolean found;
        try {
            found = member.queue.poll(drained);
        } catch (VerbsException e) {
            fail(member, e);
            return false;
        }
        if (!found && member.fired) {
            emptyWakeups++;
        }
        member.fired = false;
        return found;
    }

    /** Arms a queue; true when it is not empty after that. Removes it when that fails. */
    private boolean armOne(Member member) {
        arms++;
        boolean notEmpty;
        try {
            notEmpty = member.queue.requestNotify(options.notification());
        } catch (VerbsException e) {
            fail(member, e);
            return false;
        }
        if (!notEmpty && options.notification() == NotificationType.ANY) {
            deactivate(member);
        }
        return notEmpty;
    }

    private void fail(Member member, VerbsException failure) {
        remove(member.queue);
        member.handler.onFailure(member.queue, failure);
    }

    private void activateAll() {
        for (Member member : members.values()) {
            if (member.place < 0) {
                activate(member);
            }
        }
    }

    /** Arms every active queue; one that is not empty after that stays active and is polled. */
    private int armOrPoll(WorkCompletion[] completions) {
        int i = 0;
        while (i < activeCount) {
            CompletionQueue queue = active[i].queue;
            arms++;
            if (queue.requestNotify(options.notification())) {
                int count = queue.poll(completions);
                if (count > 0) {
                    last = queue;
                    return count;
                }
                // another consumer took it: arm again, for completions that came since
            } else if (options.notification() == NotificationType.ANY) {
                deactivate(active[i]);
            } else {
                i++;
            }
        }
        return 0;
    }

    private void activate(Member member) {
        member.place = activeCount;
        member.lastFound = pollNanos > 0 ? System.nanoTime() : 0;
        active[activeCount++] = member;
    }

    private void deactivate(Member member) {
        Member moved = active[--activeCount];
        active[activeCount] = null;
        if (moved != member) {
            active[member.place] = moved;
            moved.place = member.place;
        }
        member.place = -1;
    }
}
