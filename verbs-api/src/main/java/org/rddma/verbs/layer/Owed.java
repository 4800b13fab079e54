package org.rddma.verbs.layer;

import java.util.ArrayDeque;
import java.util.Deque;

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
    }

    synchronized boolean isEmpty() {
        return readings.isEmpty();
    }

    @Override
    public synchronized String toString() {
        return readings.size() + " events without acknowledgement, the first: " + readings.peek();
    }
}
