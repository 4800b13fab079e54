package org.rddma.verbs.layer;

import org.rddma.verbs.Errno;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/** Sees two threads that are in the same object at once. A thread may be in it several times. */
final class Guard {
    private Thread inside;
    private int depth;

    /** Enters; where another thread is inside that is a finding, and this one is let in all the same. */
    void enter(Findings findings, String verb, Object object, String why) {
        Thread other;
        synchronized (this) {
            other = inside == null || inside == Thread.currentThread() ? null : inside;
            if (other == null) {
                inside = Thread.currentThread();
                depth++;
            }
        }
        if (other != null) {
            findings.report(
                    Kind.TWO_THREADS,
                    verb,
                    Errno.EBUSY,
                    object + " is used by thread " + other.getName() + " and by thread "
                            + Thread.currentThread().getName() + " at once: " + why);
        }
    }

    synchronized void leave() {
        if (inside == Thread.currentThread() && --depth == 0) {
            inside = null;
        }
    }
}
