package org.rddma.verbs;

/** What a completion queue is to be (the arguments of {@code ibv_create_cq}). Reusable; not safe for several threads. */
public final class CompletionQueueAttributes {
    private int entries = 1;
    private Object userContext;
    private CompletionChannel channel;
    private int vector;

    /** One entry, no channel, vector 0. */
    public CompletionQueueAttributes() {}

    /**
     * How many completions it holds at least.
     *
     * @param entries 1 to the device's limit; make it as large as all work requests that can be under way on it
     * @return this
     */
    public CompletionQueueAttributes entries(int entries) {
        this.entries = entries;
        return this;
    }

    /**
     * What {@link CompletionQueue#userContext()} gives back, to find one's own object when an event names the queue.
     *
     * @param userContext anything, or null
     * @return this
     */
    public CompletionQueueAttributes userContext(Object userContext) {
        this.userContext = userContext;
        return this;
    }

    /**
     * Where events go.
     *
     * @param channel of the same context, or null for a queue that is only polled
     * @return this
     */
    public CompletionQueueAttributes channel(CompletionChannel channel) {
        this.channel = channel;
        return this;
    }

    /**
     * Where notifications are raised.
     *
     * @param vector 0 to {@link DeviceAttributes#completionVectors()} - 1
     * @return this
     */
    public CompletionQueueAttributes vector(int vector) {
        this.vector = vector;
        return this;
    }

    /**
     * The size.
     *
     * @return entries at least
     */
    public int entries() {
        return entries;
    }

    /**
     * The caller's object.
     *
     * @return anything, or null
     */
    public Object userContext() {
        return userContext;
    }

    /**
     * The channel.
     *
     * @return null for none
     */
    public CompletionChannel channel() {
        return channel;
    }

    /**
     * The vector.
     *
     * @return its index
     */
    public int vector() {
        return vector;
    }
}
