package org.rddma.verbs;

/**
 * Which fields the completions of a queue are to have ({@code ibv_create_cq_wc_flags}), as bits to be ORed, with
 * libibverbs' numbers. Id, status, opcode, vendor error, flags and P_Key index are always there.
 */
public final class CompletionFields {
    /** {@link CompletionCursor#byteLength()}. */
    public static final int BYTE_LENGTH = 1;
    /** {@link CompletionCursor#immediate()} and {@link CompletionCursor#invalidatedRkey()}. */
    public static final int IMMEDIATE = 2;
    /** {@link CompletionCursor#queuePairNumber()}. */
    public static final int QUEUE_PAIR = 4;
    /** {@link CompletionCursor#sourceQueuePair()}. */
    public static final int SOURCE_QUEUE_PAIR = 8;
    /** {@link CompletionCursor#sourceLid()}. */
    public static final int SOURCE_LID = 16;
    /** {@link CompletionCursor#serviceLevel()}. */
    public static final int SERVICE_LEVEL = 32;
    /** {@link CompletionCursor#destinationPathBits()}. */
    public static final int DESTINATION_PATH_BITS = 64;
    /** {@link CompletionCursor#completionTimestamp()}. */
    public static final int COMPLETION_TIMESTAMP = 128;
    /** {@link CompletionCursor#wallClockNanos()}. */
    public static final int COMPLETION_TIMESTAMP_WALLCLOCK = 2048;
    /** What {@code ibv_poll_cq} gives: all but the time stamps. */
    public static final int STANDARD = 0x7F;

    private CompletionFields() {}
}
