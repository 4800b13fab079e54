package org.rddma.softdev.engine;

import java.util.Arrays;

/**
 * The requests under way whose answers the responder must keep: reads, atomics, atomic writes and flushes. Each is
 * known by the last sequence number of its answer.
 *
 * <pre>
 *      head             next              tail
 *  -----|----------------|-----------------|-----
 *       | asked for      | to be asked for |
 *       |                | again           |
 * </pre>
 *
 * A read that is asked for again ends where it ended before, because a responder answers a repeated request only inside
 * of what was asked for first. Where it begins does not matter: at the first number that is missing.
 */
final class ReadTable {
    private long[] lasts = new long[1];
    private int limit;
    private int head;
    private int next;
    private int tail;

    /** Allows so many at a time. What is under way stays. */
    void limit(int most) {
        limit = most;
        if (most > lasts.length) {
            long[] grown = new long[Integer.highestOneBit(most - 1) << 1];
            for (int i = head; i != tail; i++) {
                grown[i & grown.length - 1] = lasts[i & lasts.length - 1];
            }
            lasts = grown;
        }
    }

    boolean isEmpty() {
        return head == tail;
    }

    /** Whether one more may be asked for: one always, since a flush needs no permission. */
    boolean hasRoom() {
        return tail - head < Math.max(limit, 1);
    }

    /** Whether at most one may be under way. */
    boolean isSingle() {
        return limit <= 1;
    }

    /** Whether the next to be asked for has been asked for before. */
    boolean isRepeated() {
        return next != tail;
    }

    /** Of one that is repeated, the last sequence number of its answer. */
    long last() {
        return lasts[next & lasts.length - 1];
    }

    /** Whether the answer of the oldest ends with a sequence number. */
    boolean endsFirst(long number) {
        return head != tail && lasts[head & lasts.length - 1] == number;
    }

    /** One is asked for, again or, if there is room, for the first time. */
    void asked(long last) {
        if (next == tail) {
            lasts[tail++ & lasts.length - 1] = last;
        }
        next++;
    }

    /** Everything before a sequence number is answered. */
    void answered(long before) {
        while (head != tail && lasts[head & lasts.length - 1] < before) {
            if (head == next) {
                next++;
            }
            head++;
        }
    }

    /** All that is not answered is to be asked for again. */
    void goBack() {
        next = head;
    }

    void clear() {
        head = 0;
        next = 0;
        tail = 0;
        Arrays.fill(lasts, 0);
    }
}
