package org.rddma.verbs.layer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** Events about one object that were read and not acknowledged: by whom, and when. */
final class Owed {
    private final Deque<Reading> readings = new ArrayDeque<>();

    private record Reading(String thread, long nanos, String what) {
        @Override
        public String toString() {
            return what + ", read by thread " + thread + " " + TraceText.time(System.nanoTime() - nanos) + " ago";
        }
    }

    synchronized void read(String what) {
        readings.add(new Reading(Thread.currentThread().getName(), System.nanoTime(), what));
    }

    synchronized void acknowledged(int count) {
        for (int i = 0; i < count; i++) {
            readings.poll();
        }
        notifyAll();
    }

    /**
     * Waits until nothing is owed.
     *
     * @param deadline of {@link System#nanoTime}
     * @return false when something still is at the deadline
     * @throws InterruptedException when something is owed and the thread is interrupted
     */
    synchronized boolean awaitNone(long deadline) throws InterruptedException {
        while (!readings.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    synchronized boolean isEmpty() {
        return readings.isEmpty();
    }

    @Override
    public synchronized String toString() {
        return readings.size() + " events without acknowledgement, the first: " + readings.peek();
    }
}
