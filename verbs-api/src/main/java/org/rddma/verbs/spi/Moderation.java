package org.rddma.verbs.spi;

import java.util.concurrent.Future;

/** Delays the events of one queue. All of it happens under the lock of its {@link Completer}. */
final class Moderation {
    /*
     * The arm is taken when the delayed event is raised, not when the delay begins. So the arm word alone says whether
     * an event will still come, and a consumer may poll and arm as it likes in between:
     *
     *   arm, completion 1 (the delay begins), poll, arm (it is armed still), completion 2, the delay ends
     *
     * raises one event, after both arms and after both completions: whoever is woken by it looks again, and whoever
     * arms after it is told that the queue is not empty, or hears of the next completion. Were the arm taken when the
     * delay begins, the second arm would be one of its own, and it would have to be remembered which completions it is
     * for.
     *
     * No wake-up is lost, because while an arm stands for which there was a completion (`waiting` > 0), the event is
     * raised at the latest by one of
     *   - the completion that makes the count full;
     *   - the timer, which was started with the first of them, if there is a period;
     *   - a change of the rule, which applies to what is waiting at once;
     *   - an overrun.
     * A count without a period may keep the last completions of a burst to itself; that is what it is.
     *
     * The timer is left running when the count is full first, as it mostly is under load. When it goes off it finds
     * nothing waiting, or something that has not waited long enough, and then it is started again for the rest: no
     * more than one is under way, and one is started at most once in a period.
     */
    private final DeviceTimer timer;
    private final Runnable onTimer;
    private int count;
    private long periodNanos;
    private int waiting;
    private long since;
    private Future<?> scheduled;

    /**
     * No delay yet.
     *
     * @param timer for the period
     * @param onTimer calls {@link #isTimeUp} under the lock
     */
    Moderation(DeviceTimer timer, Runnable onTimer) {
        this.timer = timer;
        this.onTimer = onTimer;
    }

    /** Counts a completion for which an event is wanted; true when it must be raised now. */
    boolean isDue() {
        waiting++;
        if (isFull()) {
            return true;
        }
        if (waiting == 1) {
            since = timer.nanoTime();
            if (periodNanos > 0 && scheduled == null) {
                scheduled = timer.schedule(onTimer, periodNanos);
            }
        }
        return false;
    }

    private boolean isFull() {
        return count > 0 ? waiting >= count : periodNanos == 0;
    }

    /** The timer went off; true when an event must be raised now. */
    boolean isTimeUp() {
        scheduled = null;
        if (waiting == 0 || periodNanos == 0) {
            return false;
        }
        long left = periodNanos - (timer.nanoTime() - since);
        if (left <= 0) {
            return true;
        }
        scheduled = timer.schedule(onTimer, left);
        return false;
    }

    /** Another rule; true when by it an event must be raised now. */
    boolean change(int newCount, long newPeriodNanos) {
        cancel();
        count = newCount;
        periodNanos = newPeriodNanos;
        return waiting > 0 && (isFull() || isTimeUp());
    }

    /** An event was raised: what waited for it does not wait any more. */
    void raised() {
        waiting = 0;
    }

    /** Nothing will be raised any more. */
    void cancel() {
        if (scheduled != null) {
            scheduled.cancel(false);
            scheduled = null;
        }
    }
}
