package org.rddma.perftest;

import java.util.List;
import org.rddma.verbs.QueuePair;

/** A service that sends every message back on the queue pair that it came by, unchanged and in order. */
interface EchoService extends AutoCloseable {
    /** Its queue pairs, one for each client: RC, and in RESET until the caller connects them. */
    List<QueuePair> queuePairs();

    /** Posts receives for the whole window and begins to serve, in threads of its own. All are connected by now. */
    void start();

    /** What ended one of its threads; null while all is well. */
    Throwable failure();

    /** Stops its threads and closes what it has made. */
    @Override
    void close();
}
