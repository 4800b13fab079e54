package org.rddma.softdev.link.roce;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counters of a port. Safe for use by several threads. */
public final class PacketCounters {
    private final Map<PacketCounter, LongAdder> counters = new EnumMap<>(PacketCounter.class); // not changed any more

    /** All of them 0. */
    public PacketCounters() {
        for (PacketCounter counter : PacketCounter.values()) {
            counters.put(counter, new LongAdder());
        }
    }

    /**
     * Counts one more.
     *
     * @param counter which
     */
    public void count(PacketCounter counter) {
        counters.get(counter).increment();
    }

    /**
     * Counts some more.
     *
     * @param counter which
     * @param more how many
     */
    public void count(PacketCounter counter, long more) {
        counters.get(counter).add(more);
    }

    /**
     * What was counted.
     *
     * @param counter which
     * @return since the port was made
     */
    public long value(PacketCounter counter) {
        return counters.get(counter).sum();
    }
}
