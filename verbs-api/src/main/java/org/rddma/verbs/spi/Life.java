package org.rddma.verbs.spi;

import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** Where a context or an object in it is in its life. It goes forward only. */
enum Life {
    OPEN,
    DEVICE_GONE,
    CLOSED;

    /** Why something that is no longer open cannot be used. */
    VerbsException refusal(String verb, String label) {
        return this == CLOSED
                ? new VerbsException(verb, Errno.EBADF, label + " is closed")
                : new VerbsException(verb, Errno.EIO, "the device of " + label + " is gone: close what belongs to it");
    }
}
