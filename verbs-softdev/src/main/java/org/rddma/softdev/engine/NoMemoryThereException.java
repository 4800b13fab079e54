package org.rddma.softdev.engine;

/** Of a copy from or to all memory of the process: nothing is at an address, or nothing that may be used so. */
final class NoMemoryThereException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean source;

    /** Without a stack trace: it is how a wrong address of a peer shows, and nobody prints it. */
    NoMemoryThereException(boolean source, long address) {
        super("no memory near 0x" + Long.toHexString(address), null, false, false);
        this.source = source;
    }

    /** Whether it was to be read; otherwise it was to be written. */
    boolean isSource() {
        return source;
    }
}
