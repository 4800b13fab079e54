package org.rddma.verbs.spi;

/**
 * Where the time stamps of completions come from. Asked only for queues that were made with time stamps, under a lock
 * of theirs: must not wait and makes no garbage. Safe for use by several threads.
 */
public interface DeviceClock {
    /**
     * The device's own time.
     *
     * @return ticks of {@link org.rddma.verbs.DeviceAttributes#clockKilohertz()}, from any origin
     */
    long rawTicks();

    /**
     * The time of day.
     *
     * @return nanoseconds since 1970 in UTC
     */
    long wallClockNanos();

    /**
     * A clock with ticks of a nanosecond. Both of its times go on evenly: the wall clock is looked at once, here, and
     * what it is set to later is not followed.
     *
     * @return a new clock
     */
    static DeviceClock system() {
        return new SystemClock();
    }
}
