package org.rddma.verbs;

/**
 * What a shared receive queue is to be ({@code struct ibv_srq_init_attr_ex}). Reusable; not safe for several threads.
 */
public final class SharedReceiveQueueAttributes {
    private int maxRequests = 1;
    private int maxElements = 1;
    private Object userContext;
    private XrcDomain xrcDomain;
    private CompletionQueue completionQueue;

    /** One request with one element, for ordinary queue pairs. */
    public SharedReceiveQueueAttributes() {}

    /**
     * How many receives it must hold.
     *
     * @param requests 1 to the device's limit
     * @return this
     */
    public SharedReceiveQueueAttributes maxRequests(int requests) {
        this.maxRequests = requests;
        return this;
    }

    /**
     * How many elements one receive may have.
     *
     * @param elements 0 to the device's limit
     * @return this
     */
    public SharedReceiveQueueAttributes maxElements(int elements) {
        this.maxElements = elements;
        return this;
    }

    /**
     * An object of the caller's, which the queue hands back.
     *
     * @param userContext anything
     * @return this
     */
    public SharedReceiveQueueAttributes userContext(Object userContext) {
        this.userContext = userContext;
        return this;
    }

    /**
     * Makes it one for extended reliable connections ({@code IBV_SRQT_XRC}).
     *
     * @param domain who may reach it
     * @param queue where its receives complete
     * @return this
     */
    public SharedReceiveQueueAttributes xrc(XrcDomain domain, CompletionQueue queue) {
        this.xrcDomain = domain;
        this.completionQueue = queue;
        return this;
    }

    /**
     * How many receives it must hold.
     *
     * @return 1 to the device's limit
     */
    public int maxRequests() {
        return maxRequests;
    }

    /**
     * How many elements one receive may have.
     *
     * @return 0 to the device's limit
     */
    public int maxElements() {
        return maxElements;
    }

    /**
     * The caller's object.
     *
     * @return as given
     */
    public Object userContext() {
        return userContext;
    }

    /**
     * Who may reach it.
     *
     * @return null for an ordinary queue
     */
    public XrcDomain xrcDomain() {
        return xrcDomain;
    }

    /**
     * Where its receives complete.
     *
     * @return null for an ordinary queue
     */
    public CompletionQueue completionQueue() {
        return completionQueue;
    }
}
