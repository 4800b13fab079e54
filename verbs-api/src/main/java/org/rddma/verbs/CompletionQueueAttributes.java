package org.rddma.verbs;

/** What a completion queue is to be (the arguments of {@code ibv_create_cq}). Reusable; not safe for several threads. */
public final class CompletionQueueAttributes {
    private int entries = 1;
    private Object userContext;
    private CompletionChannel channel;
    private int vector;
    private int fields = CompletionFields.STANDARD;
    private boolean singleThreaded;
    private boolean ignoreOverrun;
    private ProtectionDomain parentDomain;

    /** One entry, no channel, vector 0, all fields but the time stamps. */
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

    /**
     * Which fields completions are to have ({@code wc_flags} of {@code ibv_create_cq_ex}). The others are 0 in a
     * {@link WorkCompletion} that is polled, and refused by a {@link CompletionCursor}.
     *
     * @param fields bits of {@link CompletionFields}, or 0; creation fails with EOPNOTSUPP for bits that the device
     *     does not have
     * @return this
     */
    public CompletionQueueAttributes fields(int fields) {
        this.fields = fields;
        return this;
    }

    /**
     * Promises that one thread at a time polls and arms the queue ({@code IBV_CREATE_CQ_ATTR_SINGLE_THREADED}), which
     * makes polling cheaper.
     *
     * @param singleThreaded true for the promise; two threads that break it may see a completion twice, not at all or
     *     mixed up with another, and the queue may be overrun sooner. Whoever polls it alone afterwards sees the
     *     completions that come then
     * @return this
     */
    public CompletionQueueAttributes singleThreaded(boolean singleThreaded) {
        this.singleThreaded = singleThreaded;
        return this;
    }

    /**
     * Promises that the queue is never overrun ({@code IBV_CREATE_CQ_ATTR_IGNORE_OVERRUN}): the device need not look
     * whether there is room.
     *
     * @param ignoreOverrun true for the promise; where it is broken, completions that were not polled are overwritten,
     *     the oldest first. Polling goes on with the oldest that is left, and each that it returns is whole; when
     *     completions come faster than they are polled it may leave out more. The queue never fails with EOVERFLOW
     * @return this
     */
    public CompletionQueueAttributes ignoreOverrun(boolean ignoreOverrun) {
        this.ignoreOverrun = ignoreOverrun;
        return this;
    }

    /**
     * A parent domain that the queue belongs to ({@code IBV_CQ_INIT_ATTR_MASK_PD}): with a thread domain in it, as
     * {@link #singleThreaded}.
     *
     * @param domain made by {@link Context#allocateParentDomain}, which must stay open as long as the queue; or null
     * @return this
     */
    public CompletionQueueAttributes parentDomain(ProtectionDomain domain) {
        this.parentDomain = domain;
        return this;
    }

    /**
     * Which fields completions are to have.
     *
     * @return bits of {@link CompletionFields}
     */
    public int fields() {
        return fields;
    }

    /**
     * Whether one thread at a time polls and arms the queue.
     *
     * @return true for the promise
     */
    public boolean singleThreaded() {
        return singleThreaded;
    }

    /**
     * Whether the queue is never overrun.
     *
     * @return true for the promise
     */
    public boolean ignoreOverrun() {
        return ignoreOverrun;
    }

    /**
     * The parent domain that the queue belongs to.
     *
     * @return null for none
     */
    public ProtectionDomain parentDomain() {
        return parentDomain;
    }
}
