package org.rddma.driver.emulator;

import java.nio.ByteBuffer;
import org.rddma.verbs.internal.os.ProcessMemory;

/**
 * The bytes of a shared memory buffer, reached without a raw pointer: whoever shares them may do what it likes, the
 * driver gets an error code at worst. Several threads may copy at a time; closed by the driver thread when none does.
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
     * @param through the caller's own way to other processes
     * @param from first byte here
     * @param into direct
     * @param at first byte there
     * @param length in bytes, inside both
     * @return 0; or -EIO when the memory is gone
     */
    int read(ProcessMemory through, long from, ByteBuffer into, int at, int length);

    /**
     * Writes to it.
     *
     * @param through the caller's own way to other processes
     * @param to first byte here
     * @param from direct
     * @param at first byte there
     * @param length in bytes, inside both
     * @return 0; or -EIO when the memory is gone
     */
    int write(ProcessMemory through, long to, ByteBuffer from, int at, int length);

    /**
     * A descriptor that can be mapped.
     *
     * @return -1 when there is none
     */
    int fd();

    /** Gives it back. */
    void close();
}
