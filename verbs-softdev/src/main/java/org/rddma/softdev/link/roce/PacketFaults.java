package org.rddma.softdev.link.roce;

import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * What a port does wrong on purpose with the packets that come, before it looks at them, so that a test meets the
 * faults of a network. The same seed makes the same decisions for the same packets in the same order.
 *
 * @param seed of the decisions
 * @param loss share of packets that are dropped, 0 to 1
 * @param duplication share of packets that come twice, 0 to 1; the second time as late as a reordered one
 * @param reordering share of packets that come later than others that were sent behind them, 0 to 1
 * @param maxDelayPackets how many others overtake such a packet at most, 1 to 256; when no others come, it comes
 *     after a few milliseconds
 */
public record PacketFaults(long seed, double loss, double duplication, double reordering, int maxDelayPackets) {
    /** The most packets that may overtake one. */
    public static final int MAX_DELAY_PACKETS = 256;

    /**
     * Checks the values.
     *
     * @throws VerbsException EINVAL when a share is not from 0 to 1, or the delay out of its range
     */
    public PacketFaults {
        requireShare("loss", loss);
        requireShare("duplication", duplication);
        requireShare("reordering", reordering);
        if (maxDelayPackets < 1 || maxDelayPackets > MAX_DELAY_PACKETS) {
            throw new VerbsException(
                    "PacketFaults",
                    Errno.EINVAL,
                    "maxDelayPackets must be 1 to " + MAX_DELAY_PACKETS + ", not " + maxDelayPackets);
        }
    }

    private static void requireShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) { // also not a number
            throw new VerbsException("PacketFaults", Errno.EINVAL, name + " must be from 0 to 1, not " + share);
        }
    }
}
