package org.rddma.softdev;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What has happened, a line for each step. Guarded by the scheduler's lock. */
final class Trace {
    private static final int KEPT = 100_000;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final List<String> untold = new ArrayList<>();
    private Consumer<String> listener;

    void listener(Consumer<String> newListener) {
        listener = newListener;
        untold.clear();
    }

    void add(String line) {
        if (lines.size() == KEPT) {
            lines.removeFirst();
        }
        lines.addLast(line);
        if (listener != null) {
            untold.add(line);
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** What its listener has not been told, to be told without the lock; null when there is nothing. */
    Runnable takeUntold() {
        if (untold.isEmpty()) {
            return null;
        }
        Consumer<String> told = listener;
        List<String> news = List.copyOf(untold);
        untold.clear();
        return () -> news.forEach(told);
    }

    /** A virtual time, such as 12.288us. */
    static String time(long nanos) {
        String fraction = Long.toString(1000 + nanos % 1000);
        return nanos / 1000 + "." + fraction.substring(1) + "us";
    }
}
