package org.rddma.verbs;

/** What a flush guarantees ({@code ibv_placement_type}), as bits to be ORed, with libibverbs' numbers. */
public final class FlushPlacement {
    /** Earlier writes are visible to everybody at the peer; needs {@link AccessFlags#FLUSH_GLOBAL} there. */
    public static final int GLOBAL = 1;
    /** Earlier writes survive a loss of power; needs {@link AccessFlags#FLUSH_PERSISTENT} there. */
    public static final int PERSISTENT = 2;

    private FlushPlacement() {}
}
