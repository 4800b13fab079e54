package org.rddma.driver.emulator;

import java.nio.ByteBuffer;

/**
 * The bytes of a shared memory buffer, reached without a raw pointer: whoever shares them may do what it likes, the
 * driver gets an error code at worst. Used by one copying thread at a time for each call, closed by the driver thread
 * when no copy runs.
 */
interface Memory {
    /**
     * The bytes themselves, where they are mapped here.
     *
     * @return index 0 is the first byte; null when they belong to a process
     */
    ByteBuffer mapped();

    /**
     * Reads from it.
     *
     * @param from first byte here
     * @param into direct
     * @param at first byte there
     * @param length in bytes, inside both
     * @return 0; or -EIO when the memory is gone
     */
    int read(long from, ByteBuffer into, int at, int length);

    /**
     * Writes to it.
     *
     * @param to first byte here
     * @param from direct
     * @param at first byte there
     * @param length in bytes, inside both
     * @return 0; or -EIO when the memory is gone
     */
    int write(long to, ByteBuffer from, int at, int length);

    /**
     * A descriptor that can be mapped.
     *
     * @return -1 when there is none
     */
    int fd();

    /** Gives it back. */
    void close();
}
