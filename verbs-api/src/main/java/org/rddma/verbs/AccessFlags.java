package org.rddma.verbs;

/**
 * What may be done with registered memory, or by the peer of a queue pair ({@code ibv_access_flags}), as bits to be
 * ORed, with libibverbs' numbers. Reading by the own device is always allowed.
 */
public final class AccessFlags {
    /** The own device may write: receives, reads and atomic results land here. */
    public static final int LOCAL_WRITE = 1;
    /** The peer may write; needs {@link #LOCAL_WRITE} too. */
    public static final int REMOTE_WRITE = 2;
    /** The peer may read. */
    public static final int REMOTE_READ = 4;
    /** The peer may do atomics; needs {@link #LOCAL_WRITE} too. */
    public static final int REMOTE_ATOMIC = 8;
    /** Memory windows may be bound to it. */
    public static final int MW_BIND = 16;
    /** Addresses count from zero. */
    public static final int ZERO_BASED = 32;
    /** On-demand paging. */
    public static final int ON_DEMAND = 64;
    /** Huge pages. */
    public static final int HUGETLB = 128;
    /** Flushes for visibility are allowed. */
    public static final int FLUSH_GLOBAL = 256;
    /**
     * Flushes for persistence are allowed: for a mapped file, that is, and it is for the caller to know that the memory
     * is one.
     */
    public static final int FLUSH_PERSISTENT = 512;
    /** A hint: the order of accesses may be relaxed. Providers may ignore it. */
    public static final int RELAXED_ORDERING = 1 << 20;
    /** All hints: flags that a provider which does not know them ignores. */
    public static final int OPTIONAL_RANGE = 0x3FF0_0000;

    private AccessFlags() {}
}
