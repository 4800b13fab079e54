package org.rddma.verbs.spi;

/** The times that the codes of a receiver-not-ready response and of the local timeout stand for. */
public final class RetryTimes {
    /** Hundredths of a millisecond, by code (InfiniBand specification, as the kernel's drivers have it). */
    private static final int[] CODES = {
        65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096,
        6144, 8192, 12288, 16384, 24576, 32768, 49152
    };

    private RetryTimes() {}

    /**
     * How long to wait before a receiver that was not ready is tried again.
     *
     * @param code 0 to 31
     * @return in nanoseconds
     */
    public static long nanos(int code) {
        return CODES[code & 31] * 10_000L;
    }

    /**
     * How long to wait for an acknowledgement.
     *
     * @param timeout 1 to 31
     * @return in nanoseconds
     */
    public static long timeoutNanos(int timeout) {
        return 4096L << timeout;
    }
}
