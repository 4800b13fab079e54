package org.rddma.verbs;

/** What a completion carries besides ({@code ibv_wc_flags}), as bits, with libibverbs' numbers. */
public final class WorkCompletionFlags {
    /** The first 40 bytes of the datagram's buffer are its global routing header. */
    public static final int GRH = 1;
    /** Immediate data came with the message. */
    public static final int WITH_IMM = 2;
    /** The checksums of a raw packet are good. */
    public static final int IP_CSUM_OK = 4;
    /** The message invalidated a key. */
    public static final int WITH_INV = 8;

    private WorkCompletionFlags() {}
}
