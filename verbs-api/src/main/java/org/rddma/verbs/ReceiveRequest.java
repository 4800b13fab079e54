package org.rddma.verbs;

/**
 * A buffer for one incoming message ({@code struct ibv_recv_wr}), scattered over its elements in order. Reusable and
 * chainable; read when it is posted. Not safe for use by several threads.
 */
public final class ReceiveRequest extends WorkRequest {
    private ReceiveRequest next;

    /** A receive of zero bytes with id 0, and none behind it. */
    public ReceiveRequest() {}

    /**
     * A receive into one element.
     *
     * @param wrId comes back in the completion
     * @param element where the message goes
     */
    public ReceiveRequest(long wrId, ScatterGatherElement element) {
        setWrId(wrId);
        setElement(element);
    }

    /**
     * Sets the id.
     *
     * @param wrId comes back in the completion
     * @return this
     */
    public ReceiveRequest wrId(long wrId) {
        setWrId(wrId);
        return this;
    }

    /**
     * Makes this the only element.
     *
     * @param element where the message goes
     * @return this
     */
    public ReceiveRequest sge(ScatterGatherElement element) {
        setElement(element);
        return this;
    }

    /**
     * Sets all elements.
     *
     * @param elements where the message goes, first element first; the array is used, not copied
     * @return this
     */
    public ReceiveRequest sges(ScatterGatherElement... elements) {
        setElements(elements);
        return this;
    }

    /**
     * Adds an element behind the others. Allocates: for set-up, not for the fast path.
     *
     * @param element where the next bytes go
     * @return this
     */
    public ReceiveRequest addSge(ScatterGatherElement element) {
        appendElement(element);
        return this;
    }

    /**
     * Removes all elements.
     *
     * @return this
     */
    public ReceiveRequest clearSges() {
        clearElements();
        return this;
    }

    /**
     * Chains another request behind this one, to be posted by the same call.
     *
     * @param next the request behind, or null for none
     * @return this
     */
    public ReceiveRequest next(ReceiveRequest next) {
        this.next = next;
        return this;
    }

    /**
     * The request behind.
     *
     * @return null at the end of the chain
     */
    public ReceiveRequest next() {
        return next;
    }

    @Override
    public String toString() {
        return "receive request " + wrId() + " with " + sgeCount() + " elements";
    }
}
