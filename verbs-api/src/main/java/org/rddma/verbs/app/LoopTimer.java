package org.rddma.verbs.app;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Something that an {@link EventLoop} does later. Made once and started as often as one likes, from its own action too:
 * that makes no garbage. For the loop's thread.
 */
public final class LoopTimer {
    /** Far enough apart from the clock's ends that two deadlines can be subtracted. */
    private static final long LONGEST = Long.MAX_VALUE >> 2;

    private final EventLoop loop;
    private final Runnable action;

    /** For the heap. */
    long deadline;

    long number;
    int place = -1;

    LoopTimer(EventLoop loop, Runnable action) {
        this.loop = loop;
        this.action = action;
    }

    Runnable action() {
        return action;
    }

    /**
     * Starts it anew: it goes off once, not before its time and after those timers that are due earlier, or as early
     * and were started before.
     *
     * @param delay from now; 0 or less for the next round. Up to a millisecond may be added
     * @param unit of the delay
     * @throws VerbsException EINVAL when the unit is null; EPERM in another thread than the loop's; EBADF when the loop
     *     is closed
     */
    public void start(long delay, TimeUnit unit) {
        if (unit == null) {
            throw new VerbsException("LoopTimer.start", Errno.EINVAL, "the unit of the delay is null");
        }
        TimerHeap timers = loop.timers("LoopTimer.start");
        boolean unused = timers.remove(this);
        deadline = System.nanoTime() + Math.max(0, Math.min(unit.toNanos(delay), LONGEST));
        timers.add(this);
    }

    /**
     * Stops it.
     *
     * @return whether it was started and has not gone off
     * @throws VerbsException as {@link #start}
     */
    public boolean cancel() {
        return loop.timers("LoopTimer.cancel").remove(this);
    }

    /**
     * Whether it will go off.
     *
     * @return true from its start until its action begins
     */
    public boolean isStarted() {
        return place >= 0;
    }
}
