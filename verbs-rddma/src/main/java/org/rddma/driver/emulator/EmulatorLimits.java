package org.rddma.driver.emulator;

import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * How much a driver in user space may be asked for, so that no client can exhaust it. Immutable.
 *
 * @param opens files that are open at once; one more is answered {@code open://?result(-24),reply(<NULL>)} and closed
 * @param outstanding commands of one open file that are not answered yet, because they wait; one more is answered with
 *     result -11. In all of them together half a KiB for each of so many may wait at barriers; one more is answered with -11
 * @param unread replies of one open file that wait to be read; then its commands are left where they are until it reads
 * @param buffers shared memory buffers
 * @param bytes of all of them together, those of user memory not counted
 * @param locations known locations
 * @param transfers transfers
 * @param binds binds of all transfers together
 * @param events events, and barriers
 */
public record EmulatorLimits(
        int opens,
        int outstanding,
        int unread,
        int buffers,
        long bytes,
        int locations,
        int transfers,
        int binds,
        int events) {
    /** With each limit more than 0. */
    public EmulatorLimits {
        if (opens <= 0
                || outstanding <= 0
                || unread <= 0
                || buffers <= 0
                || bytes <= 0
                || locations <= 0
                || transfers <= 0
                || binds <= 0
                || events <= 0) {
            throw new VerbsException("start", Errno.EINVAL, "a limit is less than one: nothing would work");
        }
    }

    /**
     * Enough for a machine that runs tests: 1024 opens, 65536 commands outstanding and 1024 replies unread in each,
     * 65536 buffers with 1 GiB, 4096 locations, 65536 transfers, 2^20 binds and as many events.
     *
     * @return the limits
     */
    public static EmulatorLimits defaults() {
        return new EmulatorLimits(1024, 1 << 16, 1024, 1 << 16, 1L << 30, 1 << 12, 1 << 16, 1 << 20, 1 << 20);
    }

    /**
     * The same with other limits of an open file.
     *
     * @param newOpens see there
     * @param newOutstanding see there
     * @param newUnread see there
     * @return new limits
     */
    public EmulatorLimits withOpens(int newOpens, int newOutstanding, int newUnread) {
        return new EmulatorLimits(
                newOpens, newOutstanding, newUnread, buffers, bytes, locations, transfers, binds, events);
    }

    /**
     * The same with other limits of memory.
     *
     * @param newBuffers see there
     * @param newBytes see there
     * @return new limits
     */
    public EmulatorLimits withBuffers(int newBuffers, long newBytes) {
        return new EmulatorLimits(
                opens, outstanding, unread, newBuffers, newBytes, locations, transfers, binds, events);
    }

    /**
     * The same with other limits of objects.
     *
     * @param newLocations see there
     * @param newTransfers see there
     * @param newBinds see there
     * @param newEvents see there
     * @return new limits
     */
    public EmulatorLimits withObjects(int newLocations, int newTransfers, int newBinds, int newEvents) {
        return new EmulatorLimits(
                opens, outstanding, unread, buffers, bytes, newLocations, newTransfers, newBinds, newEvents);
    }
}
