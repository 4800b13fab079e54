package org.rddma.verbs.spi;

import static org.rddma.verbs.QueuePairAttributes.ADDRESS_VECTOR;
import static org.rddma.verbs.QueuePairAttributes.PATH_MTU;
import static org.rddma.verbs.QueuePairAttributes.PKEY_INDEX;

import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.VerbsException;

/**
 * Ports, tables of ports and ways to peers, for devices that have one Ethernet port with one P_Key: which numbers there
 * are, what an address vector may hold, and what of a port {@code modify} may choose (man ibv_modify_qp, ibv_create_ah).
 */
public final class PathRules {
    /** The number of the only port. */
    public static final int PORT = 1;

    private PathRules() {}

    /**
     * Checks the number of a port.
     *
     * @param verb on whose behalf
     * @param port the number
     * @throws VerbsException EINVAL when there is no such port
     */
    public static void checkPort(String verb, int port) {
        if (port != PORT) {
            throw new VerbsException(verb, Errno.EINVAL, "there is no port " + port + ": give " + PORT);
        }
    }

    /**
     * Checks an index of the table of P_Keys.
     *
     * @param verb on whose behalf
     * @param index the index
     * @throws VerbsException EINVAL when it is not 0
     */
    public static void checkPkeyIndex(String verb, int index) {
        if (index != 0) {
            throw new VerbsException(verb, Errno.EINVAL, "there is no P_Key " + index + ": give 0");
        }
    }

    /**
     * Checks an index of the table of GIDs.
     *
     * @param verb on whose behalf
     * @param index the index
     * @param length of the table
     * @throws VerbsException EINVAL when it is not in the table
     */
    public static void checkGidIndex(String verb, int index, int length) {
        if (index < 0 || index >= length) {
            throw new VerbsException(verb, Errno.EINVAL, "there is no GID " + index + ": give 0 to " + (length - 1));
        }
    }

    /**
     * Checks what {@code modify} is asked for against the port: its number, the index of the P_Key, the path MTU and
     * the address vector, as far as they are set. The ranges and transitions are {@link QueuePairRules}' concern.
     *
     * @param attributes what is asked for
     * @param context of the queue pair
     * @throws VerbsException EINVAL, naming the attribute
     */
    public static void checkModify(QueuePairAttributes attributes, Context context) {
        String verb = "modify";
        if (attributes.has(QueuePairAttributes.PORT)) {
            checkPort(verb, attributes.port());
        }
        if (attributes.has(PKEY_INDEX)) {
            checkPkeyIndex(verb, attributes.pkeyIndex());
        }
        if (attributes.has(PATH_MTU) && attributes.pathMtu() != null) {
            var mtu = context.queryPort(PORT).activeMtu();
            if (attributes.pathMtu().compareTo(mtu) > 0) {
                throw new VerbsException(
                        verb, Errno.EINVAL, "pathMtu is " + attributes.pathMtu() + ": the port has " + mtu);
            }
        }
        if (attributes.has(ADDRESS_VECTOR) && attributes.addressVector() != null) {
            checkVector(verb, attributes.addressVector(), context);
        }
    }

    /**
     * Checks an address vector, of an address handle or of the way of a connected queue pair.
     *
     * @param verb on whose behalf
     * @param vector the vector
     * @param context whose port is used
     * @throws VerbsException EINVAL when a part of it is missing or out of its range
     */
    public static void checkVector(String verb, AddressVector vector, Context context) {
        if (vector.destination() == null || vector.destination().isZero()) {
            throw new VerbsException(verb, Errno.EINVAL, "the destination GID is missing: on Ethernet it is required");
        }
        checkRange(verb, "port", vector.port(), PORT, PORT);
        checkRange(verb, "hop limit", vector.hopLimit(), 0, 255);
        checkRange(verb, "traffic class", vector.trafficClass(), 0, 255);
        checkRange(verb, "flow label", vector.flowLabel(), 0, 0xFFFFF);
        checkRange(verb, "service level", vector.serviceLevel(), 0, 15);
        int gids = context.queryPort(PORT).gidTableLength();
        checkRange(verb, "source GID index", vector.sourceGidIndex(), 0, gids - 1);
        if (context.queryGid(PORT, vector.sourceGidIndex()).isZero()) {
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
