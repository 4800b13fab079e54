package org.rddma.driver.provider;

import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** What an address vector may hold, for address handles and for the way of a connected queue pair. */
final class AddressVectorRules {
    private AddressVectorRules() {}

    static void check(String verb, AddressVector vector, RddmaContext context) {
        if (vector.destination() == null || vector.destination().isZero()) {
            throw new VerbsException(verb, Errno.EINVAL, "the destination GID is missing: on Ethernet it is required");
        }
        checkRange(verb, "port", vector.port(), 1, 1);
        checkRange(verb, "hop limit", vector.hopLimit(), 0, 255);
        checkRange(verb, "traffic class", vector.trafficClass(), 0, 255);
        checkRange(verb, "flow label", vector.flowLabel(), 0, 0xFFFFF);
        checkRange(verb, "service level", vector.serviceLevel(), 0, 15);
        checkRange(verb, "source GID index", vector.sourceGidIndex(), 0, RddmaDevice.GID_TABLE_LENGTH - 1);
        if (context.queryGid(1, vector.sourceGidIndex()).isZero()) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the slot of source GID index " + vector.sourceGidIndex() + " is empty: give 0");
        }
    }

    private static void checkRange(String verb, String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new VerbsException(
                    verb, Errno.EINVAL, "the " + name + " is " + value + ": give " + least + " to " + most);
        }
    }
}
