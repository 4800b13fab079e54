package org.rddma.verbs.layer;

import java.util.concurrent.atomic.AtomicLong;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueue;

/** What the validation layer knows about a completion queue. */
final class QueueNotes {
    final CompletionQueue target;
    final Owed events = new Owed();
    final Owed asyncEvents = new Owed();
    final Guard guard = new Guard();

    /** How often anybody has polled it, or armed it. */
    private final AtomicLong looks = new AtomicLong();

    private volatile long lastLook = System.nanoTime();
    private volatile boolean armed;
    private volatile boolean wasArmed;
    private volatile Arm lastArm;

    /** The channel's notes; null for none. Set once, before the program has the queue. */
    volatile ChannelNotes channel;

    volatile int fields = CompletionFields.STANDARD;
    volatile boolean oneThread;

    /** An arm that found completions. */
    private record Arm(Thread thread, long looks) {}

    QueueNotes(CompletionQueue target) {
        this.target = target;
    }

    void polled() {
        looks.incrementAndGet();
        lastLook = System.nanoTime();
    }

    void arming() {
        armed = true;
        wasArmed = true;
        lastLook = System.nanoTime();
    }

    void armed(boolean notEmpty) {
        lastArm = notEmpty ? new Arm(Thread.currentThread(), looks.get()) : null;
    }

    void eventRead() {
        armed = false;
        events.read("a completion event");
    }

    boolean wasArmed() {
        return wasArmed;
    }

    /** Whether this thread has armed it, was told that there are completions, and nobody has polled since. */
    boolean isNotPolledAfterArm() {
        Arm arm = lastArm;
        return arm != null && arm.thread == Thread.currentThread() && arm.looks == looks.get();
    }

    /** Whether nobody has looked at it since, nor is told by an event when to. */
    boolean isNeglectedSince(long nanos) {
        return !armed && lastLook - nanos < 0;
    }
}
