package org.rddma.verbs;

/**
 * A promise: the objects made in it are used by one thread at a time ({@code struct ibv_td}). In return their verbs
 * may do without locks. It is given to {@link Context#allocateParentDomain}, or to a completion queue through one.
 */
public interface ThreadDomain extends AutoCloseable {
    /**
     * The context that it belongs to.
     *
     * @return its parent
     */
    Context context();

    /**
     * Closes it ({@code ibv_dealloc_td}).
     *
     * @throws VerbsException EBUSY while a parent domain uses it
     */
    @Override
    void close();
}
