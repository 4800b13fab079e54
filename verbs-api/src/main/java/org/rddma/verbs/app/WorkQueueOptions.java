package org.rddma.verbs.app;

/**
 * What a {@link WorkQueue} is to be. Both ends of a connection should have the same depth and message size: a message
 * that is longer than the receiver's size breaks the connection.
 *
 * @param depth how many requests may be under way at a time, and how many messages may wait to be received, 1 to
 *     65536; the device's limits may be lower
 * @param messageSize bytes of the longest message, 1 or more. Twice the depth times this is the memory of a queue: less
 *     than 2^31 bytes
 * @param waiting how the waiting calls pass their time
 */
public record WorkQueueOptions(int depth, int messageSize, WaitOptions waiting) {
    /** 16 requests, 4096 bytes, and {@link WaitOptions#ADAPTIVE}. */
    public static final WorkQueueOptions DEFAULT = new WorkQueueOptions(16, 4096, WaitOptions.ADAPTIVE);

    static final int MOST_DEPTH = 1 << 16;

    public WorkQueueOptions {
        if (depth < 1 || depth > MOST_DEPTH || messageSize < 1 || waiting == null) {
            throw new IllegalArgumentException("the depth must be 1 to " + MOST_DEPTH
                    + ", the message size 1 or more and waiting not null, but they are " + depth + ", " + messageSize
                    + " and " + waiting);
        }
        if (2L * depth * messageSize > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("twice " + depth + " messages of " + messageSize
                    + " bytes are more than 2^31-1 bytes: ask for less depth or shorter messages");
        }
    }

    /**
     * The same with another depth.
     *
     * @param other 1 to 65536
     * @return a copy
     */
    public WorkQueueOptions withDepth(int other) {
        return new WorkQueueOptions(other, messageSize, waiting);
    }

    /**
     * The same with another longest message.
     *
     * @param other bytes
     * @return a copy
     */
    public WorkQueueOptions withMessageSize(int other) {
        return new WorkQueueOptions(depth, other, waiting);
    }

    /**
     * The same with another way to wait.
     *
     * @param other how
     * @return a copy
     */
    public WorkQueueOptions withWaiting(WaitOptions other) {
        return new WorkQueueOptions(depth, messageSize, other);
    }
}
