package org.rddma.perftest;

import java.util.Locale;

/** The times between receives, in ticks of the device's clock. */
final class PingPongTimes {
    private boolean begun;
    private long last;
    private long count;
    private long total;
    private long longest;
    private long shortest = Long.MAX_VALUE;

    void add(long timestamp) {
        if (begun) {
            long ticks = timestamp - last;
            count++;
            total += ticks;
            longest = Math.max(longest, ticks);
            shortest = Math.min(shortest, ticks);
        }
        begun = true;
        last = timestamp;
    }

    /** In the words of the C tools; nothing when there were fewer than two receives. */
    String text() {
        if (count == 0) {
            return "";
        }
        return String.format(Locale.ROOT, """
                Max receive completion clock cycles = %d
                Min receive completion clock cycles = %d
                Average receive completion clock cycles = %f
                """, longest, shortest, (double) total / count);
    }
}
