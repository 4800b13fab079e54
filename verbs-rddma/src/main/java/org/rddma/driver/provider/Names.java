package org.rddma.driver.provider;

/**
 * What the driver's objects are called. Letters, digits and underscores only, and never a word that the driver or an
 * old client looks for anywhere in a line (request, reply, result, event, fabric, mmap_offset).
 *
 * <p>A name can be taken once: creating a buffer that is there already fails. So creating the buffer is how a number is
 * taken, and no two processes on one driver can have the same.
 */
final class Names {
    /** Where everything is; private, so that the driver carries it out itself. */
    static final String LOCATION = "verbs";

    private Names() {}

    /** The region directory of a context. */
    static String directory(int context) {
        return "c" + Integer.toHexString(context);
    }

    /** The memory of a region. */
    static String region(int context, int key) {
        return "m" + Integer.toHexString(context) + "_" + Integer.toHexString(key);
    }

    /** The control block of a queue pair. */
    static String block(int queuePair) {
        return "q" + Integer.toHexString(queuePair);
    }

    /** The copies that a queue pair asks for. */
    static String transfer(int queuePair) {
        return "x" + Integer.toHexString(queuePair);
    }

    /** Started by the owner of a queue pair, to wait for news. */
    static String bell(int queuePair) {
        return block(queuePair) + "_n";
    }

    /** Started by whoever has news for a queue pair. */
    static String ring(int queuePair) {
        return block(queuePair) + "_m";
    }

    /** Started for one set of copies of a queue pair. */
    static String copies(int queuePair, int set) {
        return block(queuePair) + "_b" + Integer.toHexString(set);
    }
}
