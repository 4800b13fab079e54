package org.rddma.verbs;

/** How a send work request is to be carried out ({@code ibv_send_flags}), as bits to be ORed, with libibverbs' numbers. */
public final class SendFlags {
    /** Begin only when all earlier reads and atomics of this send queue are complete. */
    public static final int FENCE = 1;
    /** Make a completion also on success. Failures always make one. */
    public static final int SIGNALED = 2;
    /** The completion at the peer is solicited: it wakes a queue that is armed for solicited completions only. */
    public static final int SOLICITED = 4;
    /** The data is copied when the request is posted: its memory may be reused as soon as the post returns. */
    public static final int INLINE = 8;
    /** Let the device compute checksums of raw packets. */
    public static final int IP_CSUM = 16;

    private SendFlags() {}
}
