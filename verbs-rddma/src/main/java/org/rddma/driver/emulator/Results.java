package org.rddma.driver.emulator;

/**
 * The numbers in {@code result(...)}. The driver of 2008 says 1 for most of what goes wrong; where it does, a driver
 * that need not be strict names the cause as its successor would.
 */
final class Results {
    static final int OK = 0;
    /** Not found, or nothing more precise is known. */
    static final int FAILED = 1;

    static final int NOT_PERMITTED = -1;
    static final int IO_ERROR = -5;
    static final int TRY_AGAIN = -11;
    static final int NO_MEMORY = -12;
    static final int EXISTS = -17;
    static final int NO_DEVICE = -19;
    static final int INVALID = -22;
    static final int NO_ROOM = -28;

    private final boolean strict;

    Results(boolean strict) {
        this.strict = strict;
    }

    boolean strict() {
        return strict;
    }

    /**
     * What to say where the driver of 2008 says 1.
     *
     * @param cause negative errno
     * @return the cause, or 1
     */
    int because(int cause) {
        return strict ? FAILED : cause;
    }
}
