package org.rddma.verbs.spi;

import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * How many of one kind of object a device holds, and may hold. Objects are made within it by
 * {@link AbstractContext#create}; each gives its share back in {@link Resource#forgotten}. Any thread may use it.
 */
public final class Quota {
    private final String what;
    private final int limit;
    private final AtomicInteger used = new AtomicInteger();

    /**
     * Nothing taken yet.
     *
     * @param what the kind, in the plural, for messages
     * @param limit how many there may be at a time
     */
    public Quota(String what, int limit) {
        this.what = what;
        this.limit = limit;
    }

    /**
     * Takes a share.
     *
     * @param verb on whose behalf
     * @throws VerbsException ENOMEM when all are taken
     */
    public void take(String verb) {
        int before;
        do {
            before = used.get();
            if (before >= limit) {
                throw new VerbsException(
                        verb, Errno.ENOMEM, "the device holds " + limit + " " + what + " already: close some first");
            }
        } while (!used.compareAndSet(before, before + 1));
    }

    /**
     * How many shares are left now.
     *
     * @return 0 or more
     */
    public int free() {
        return limit - used.get();
    }

    /** Gives a share back that was taken. */
    public void giveBack() {
        used.decrementAndGet();
    }
}
