package org.rddma.driver;

import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** What ends a wait. */
final class Waits {
    private Waits() {}

    /**
     * Waits for a reply.
     *
     * @return false after the time, or when the thread was interrupted
     */
    static boolean await(DriverFile file, long nanos) {
        if (nanos == 0) {
            return false; // the caller has just looked
        }
        try {
            return file.await(nanos);
        } catch (VerbsException e) {
            if (e.errno() == Errno.EINTR) {
                return false;
            }
            throw e;
        }
    }
}
