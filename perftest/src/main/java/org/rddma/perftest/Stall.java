package org.rddma.perftest;

import org.rddma.verbs.QueuePairType;

/**
 * When a phase without progress is given up.
 *
 * @param seconds without any message
 * @param hint what is likely, after "no message got through for so long"
 */
record Stall(long seconds, String hint) {
    /** The largest message takes a second or two. */
    static final Stall HUNG = new Stall(60, "");

    private static final Stall LOST = new Stall(
            10, ": one was lost on the way, and nothing sends it again on an unreliable connection or as a datagram");

    static Stall onTheWire(Settings settings) {
        return settings.type == QueuePairType.RC ? HUNG : LOST;
    }
}
