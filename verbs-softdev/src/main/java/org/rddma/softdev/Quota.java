package org.rddma.softdev;

import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** How many of one kind of object a device holds, and may hold. */
final class Quota {
    private final String what;
    private final int limit;
    private final AtomicInteger used = new AtomicInteger();

    Quota(String what, int limit) {
        this.what = what;
        this.limit = limit;
    }

    void take(String verb) {
        int before;
        do {
            before = used.get();
            if (before >= limit) {
                throw new VerbsException(
                        verb, Errno.ENOMEM, "the device holds " + limit + " " + what + " already: close some first");
            }
        } while (!used.compareAndSet(before, before + 1));
    }

    void giveBack() {
        used.decrementAndGet();
    }
}
