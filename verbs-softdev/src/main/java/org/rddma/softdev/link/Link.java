package org.rddma.softdev.link;

import org.rddma.softdev.engine.Request;

/**
 * The way from one queue pair to its peers, and the one seam below the queue pair. For one thread at a time.
 */
public interface Link {
    /**
     * Finds the peer that a request names, delivers the request, and returns what the peer answers.
     *
     * @param request with its payload; the response's data is in it afterwards
     * @return one of {@link org.rddma.softdev.engine.Response}
     */
    int deliver(Request request);

    /** The queue pair is reset: forgets what is under way. */
    default void forget() {}
}
