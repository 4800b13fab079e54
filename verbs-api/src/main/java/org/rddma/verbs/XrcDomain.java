package org.rddma.verbs;

/**
 * Queue pairs and shared receive queues that may reach each other on extended reliable connections ({@code struct
 * ibv_xrcd}). Safe for use by several threads.
 *
 * <p>Left out: sharing a domain between contexts or processes (the file descriptor of {@code ibv_open_xrcd}) and {@code
 * ibv_open_qp}. So the receiving queue pair is closed by who made it.
 */
public interface XrcDomain extends AutoCloseable {
    /**
     * The context that it belongs to.
     *
     * @return its parent
     */
    Context context();

    /**
     * Closes it ({@code ibv_close_xrcd}).
     *
     * @throws VerbsException EBUSY while queue pairs or shared receive queues use it
     */
    @Override
    void close();
}
