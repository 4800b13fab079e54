package org.rddma.driver.provider;

/** The times that the codes of a receiver-not-ready response and of the local timeout stand for. */
final class RnrTimer {
    /** Hundredths of a millisecond, by code (InfiniBand specification, as the kernel's drivers have it). */
    private static final int[] CODES = {
        65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096,
        6144, 8192, 12288, 16384, 24576, 32768, 49152
    };

    private RnrTimer() {}

    static long nanos(int code) {
        return CODES[code & 31] * 10_000L;
    }

    static long timeoutNanos(int timeout) {
        return 4096L << timeout;
    }
}
