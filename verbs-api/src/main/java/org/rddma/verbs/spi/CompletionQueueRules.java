package org.rddma.verbs.spi;

import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.DeviceAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** What {@code createCompletionQueue}, {@code resize} and {@code moderate} accept, for every provider. */
public final class CompletionQueueRules {
    private static final int KNOWN_FIELDS = CompletionFields.STANDARD
            | CompletionFields.COMPLETION_TIMESTAMP
            | CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK;
    private static final int MOST_MODERATION = 0xFFFF;

    private CompletionQueueRules() {}

    /**
     * Checks what a completion queue is to be. Its channel, vector and domain are the provider's concern.
     *
     * @param attributes what is asked for
     * @param device what there is
     * @throws VerbsException EINVAL for a size out of range; EOPNOTSUPP for fields and promises that the device does
     *     not have
     */
    public static void checkCreate(CompletionQueueAttributes attributes, DeviceAttributes device) {
        String verb = "createCompletionQueue";
        checkEntries(verb, attributes.entries(), device);
        int fields = attributes.fields();
        if ((fields & ~KNOWN_FIELDS) != 0) {
            throw new VerbsException(
                    verb,
                    Errno.EOPNOTSUPP,
                    "the fields 0x" + Integer.toHexString(fields & ~KNOWN_FIELDS)
                            + " are none that this device has: use CompletionFields");
        }
        require(verb, (fields & CompletionFields.COMPLETION_TIMESTAMP) != 0, Capability.COMPLETION_TIMESTAMP, device);
        require(
                verb,
                (fields & CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK) != 0,
                Capability.WALLCLOCK_TIMESTAMP,
                device);
        require(verb, attributes.singleThreaded(), Capability.SINGLE_THREADED, device);
        require(verb, attributes.ignoreOverrun(), Capability.IGNORE_OVERRUN, device);
        require(verb, attributes.parentDomain() != null, Capability.THREAD_DOMAIN, device);
    }

    static void checkResize(int entries, DeviceAttributes device) {
        require("resize", true, Capability.RESIZE_COMPLETION_QUEUE, device);
        checkEntries("resize", entries, device);
    }

    static void checkModerate(int count, int periodMicros, DeviceAttributes device) {
        require("moderate", true, Capability.MODERATION, device);
        if (count < 0 || count > MOST_MODERATION || periodMicros < 0 || periodMicros > MOST_MODERATION) {
            throw new VerbsException(
                    "moderate",
                    Errno.EINVAL,
                    "the count is " + count + " and the period " + periodMicros + ": give 0 to " + MOST_MODERATION
                            + " of each");
        }
    }

    private static void checkEntries(String verb, int entries, DeviceAttributes device) {
        int limit = device.limits().maxCompletionQueueEntries();
        if (entries < 1 || entries > limit) {
            throw new VerbsException(verb, Errno.EINVAL, "entries is " + entries + ": the device allows 1 to " + limit);
        }
    }

    private static void require(String verb, boolean wanted, Capability capability, DeviceAttributes device) {
        if (wanted && !device.has(capability)) {
            throw VerbsException.unsupported(verb, capability);
        }
    }
}
