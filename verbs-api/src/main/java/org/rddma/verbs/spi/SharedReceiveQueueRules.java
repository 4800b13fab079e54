package org.rddma.verbs.spi;

import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.VerbsException;

/** What a shared receive queue may be, for every provider (man ibv_create_srq). */
public final class SharedReceiveQueueRules {
    private SharedReceiveQueueRules() {}

    /**
     * Checks the sizes of a queue to be made.
     *
     * @param verb on whose behalf
     * @param attributes what is asked for
     * @param limits of the device
     * @throws VerbsException EINVAL, naming the size and its limit
     */
    public static void check(String verb, SharedReceiveQueueAttributes attributes, DeviceLimits limits) {
        checkRequests(verb, attributes.maxRequests(), limits);
        checkSize(verb, "maxElements", attributes.maxElements(), 0, limits.maxSharedReceiveElements());
    }

    /**
     * Checks how many receives a queue is to hold.
     *
     * @param verb on whose behalf
     * @param requests what is asked for
     * @param limits of the device
     * @throws VerbsException EINVAL, naming the limit
     */
    public static void checkRequests(String verb, int requests, DeviceLimits limits) {
        checkSize(verb, "maxRequests", requests, 1, limits.maxSharedReceiveRequests());
    }

    private static void checkSize(String verb, String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new VerbsException(
                    verb, Errno.EINVAL, name + " is " + value + ": the device allows " + least + " to " + most);
        }
    }
}
