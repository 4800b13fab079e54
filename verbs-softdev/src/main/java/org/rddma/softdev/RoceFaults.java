package org.rddma.softdev;

/**
 * What a bad network does to the packets that a device on the wire receives: for tests. The choices are made from a seed.
 *
 * @param seed of the choices
 * @param loss the share of packets that never come, 0 to 1
 * @param duplication the share of packets that come twice, 0 to 1
 * @param reordering the share of packets that come late, 0 to 1
 * @param maxDelay how many packets may overtake one that comes late, 1 to 256
 */
public record RoceFaults(long seed, double loss, double duplication, double reordering, int maxDelay) {
    private static final int MOST_DELAY = 256;

    // shares are shares: NaN is none
    public RoceFaults {
        if (!isShare(loss) || !isShare(duplication) || !isShare(reordering) || maxDelay < 1 || maxDelay > MOST_DELAY) {
            throw new IllegalArgumentException("loss, duplication and reordering are " + loss + ", " + duplication
                    + " and " + reordering + ", the delay " + maxDelay + ": give shares from 0 to 1, and 1 to "
                    + MOST_DELAY + " packets");
        }
    }

    private static boolean isShare(double value) {
        return value >= 0 && value <= 1;
    }
}
