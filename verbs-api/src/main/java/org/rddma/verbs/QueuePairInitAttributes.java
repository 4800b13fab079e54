package org.rddma.verbs;

/** What a queue pair is to be ({@code struct ibv_qp_init_attr}). Reusable; not safe for several threads. */
public final class QueuePairInitAttributes {
    private QueuePairType type = QueuePairType.RC;
    private CompletionQueue sendQueue;
    private CompletionQueue receiveQueue;
    private int maxSendRequests = 1;
    private int maxReceiveRequests = 1;
    private int maxSendElements = 1;
    private int maxReceiveElements = 1;
    private int maxInlineData;
    private boolean signalAll;
    private Object userContext;
    private SharedReceiveQueue sharedReceiveQueue;
    private XrcDomain xrcDomain;
    private int sendOperations;

    /** RC, one request and one element in each direction, no inline data; the completion queues must be set. */
    public QueuePairInitAttributes() {}

    /**
     * The transport service.
     *
     * @param type RC, UC or UD
     * @return this
     */
    public QueuePairInitAttributes type(QueuePairType type) {
        this.type = type;
        return this;
    }

    /**
     * One completion queue for both directions.
     *
     * @param queue of the same context
     * @return this
     */
    public QueuePairInitAttributes completionQueue(CompletionQueue queue) {
        return sendCompletionQueue(queue).receiveCompletionQueue(queue);
    }

    /**
     * Where sends complete.
     *
     * @param queue of the same context
     * @return this
     */
    public QueuePairInitAttributes sendCompletionQueue(CompletionQueue queue) {
        this.sendQueue = queue;
        return this;
    }

    /**
     * Where receives complete.
     *
     * @param queue of the same context
     * @return this
     */
    public QueuePairInitAttributes receiveCompletionQueue(CompletionQueue queue) {
        this.receiveQueue = queue;
        return this;
    }

    /**
     * Size of the send queue.
     *
     * @param requests 0 to the device's limit
     * @return this
     */
    public QueuePairInitAttributes maxSendRequests(int requests) {
        this.maxSendRequests = requests;
        return this;
    }

    /**
     * Size of the receive queue.
     *
     * @param requests 0 to the device's limit
     * @return this
     */
    public QueuePairInitAttributes maxReceiveRequests(int requests) {
        this.maxReceiveRequests = requests;
        return this;
    }

    /**
     * Elements of one send.
     *
     * @param elements 0 to the device's limit
     * @return this
     */
    public QueuePairInitAttributes maxSendElements(int elements) {
        this.maxSendElements = elements;
        return this;
    }

    /**
     * Elements of one receive.
     *
     * @param elements 0 to the device's limit
     * @return this
     */
    public QueuePairInitAttributes maxReceiveElements(int elements) {
        this.maxReceiveElements = elements;
        return this;
    }

    /**
     * Room for inline data.
     *
     * @param bytes 0 to the device's limit; the queue pair may have more
     * @return this
     */
    public QueuePairInitAttributes maxInlineData(int bytes) {
        this.maxInlineData = bytes;
        return this;
    }

    /**
     * Whether every send makes a completion, signalled or not ({@code sq_sig_all}).
     *
     * @param signalAll true for all
     * @return this
     */
    public QueuePairInitAttributes signalAll(boolean signalAll) {
        this.signalAll = signalAll;
        return this;
    }

    /**
     * What {@link QueuePair#userContext()} gives back.
     *
     * @param userContext anything, or null
     * @return this
     */
    public QueuePairInitAttributes userContext(Object userContext) {
        this.userContext = userContext;
        return this;
    }

    /**
     * The transport service.
     *
     * @return the type
     */
    public QueuePairType type() {
        return type;
    }

    /**
     * Where sends complete.
     *
     * @return null where not set
     */
    public CompletionQueue sendCompletionQueue() {
        return sendQueue;
    }

    /**
     * Where receives complete.
     *
     * @return null where not set
     */
    public CompletionQueue receiveCompletionQueue() {
        return receiveQueue;
    }

    /**
     * All sizes.
     *
     * @return as asked for
     */
    public QueuePairCapabilities capabilities() {
        return new QueuePairCapabilities(
                maxSendRequests, maxReceiveRequests, maxSendElements, maxReceiveElements, maxInlineData);
    }

    /**
     * Whether every send makes a completion.
     *
     * @return true for all
     */
    public boolean signalAll() {
        return signalAll;
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
     * Where its receives come from, instead of a receive queue of its own.
     *
     * @param queue of the same context, or null
     * @return this
     */
    public QueuePairInitAttributes sharedReceiveQueue(SharedReceiveQueue queue) {
        this.sharedReceiveQueue = queue;
        return this;
    }

    /**
     * Of an XRC_RECV queue pair, which shared receive queues it reaches. It has no completion queues.
     *
     * @param domain of the same context
     * @return this
     */
    public QueuePairInitAttributes xrcDomain(XrcDomain domain) {
        this.xrcDomain = domain;
        return this;
    }

    /**
     * Which operations its {@link SendBuilder} may be asked for ({@code send_ops_flags}).
     *
     * @param operations bits of {@link SendOperations}; 0 for all that the type of queue pair can do
     * @return this
     */
    public QueuePairInitAttributes sendOperations(int operations) {
        this.sendOperations = operations;
        return this;
    }

    /**
     * Where its receives come from.
     *
     * @return null for a receive queue of its own
     */
    public SharedReceiveQueue sharedReceiveQueue() {
        return sharedReceiveQueue;
    }

    /**
     * Which shared receive queues an XRC_RECV queue pair reaches.
     *
     * @return null for other types
     */
    public XrcDomain xrcDomain() {
        return xrcDomain;
    }

    /**
     * Which operations its builder may be asked for.
     *
     * @return bits of {@link SendOperations}; 0 for all
     */
    public int sendOperations() {
        return sendOperations;
    }
}
