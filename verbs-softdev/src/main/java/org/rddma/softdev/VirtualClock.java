package org.rddma.softdev;

import org.rddma.verbs.spi.DeviceClock;

/** The clock of a device's time stamps: that of a schedule, with jumps. */
final class VirtualClock implements DeviceClock {
    private static final long MIDNIGHT = 1_577_836_800_000_000_000L; // 1 January 2020
    private static final int LARGEST_JUMP = 1_000_000;

    private final Scheduler scheduler;
    private final String name;

    /** How far the clocks are ahead of the schedule's; guarded by the scheduler's lock. */
    private long rawOffset;

    private long wallOffset;

    VirtualClock(Scheduler scheduler, String name) {
        this.scheduler = scheduler;
        this.name = name;
    }

    @Override
    public long rawTicks() {
        synchronized (scheduler.lock) {
            rawOffset += jump(1, "clock");
            return scheduler.now() + rawOffset;
        }
    }

    @Override
    public long wallClockNanos() {
        synchronized (scheduler.lock) {
            wallOffset += jump(-LARGEST_JUMP, "wall clock");
            return MIDNIGHT + scheduler.now() + wallOffset;
        }
    }

    private long jump(int least, String which) {
        if (!scheduler.chance(Freedom.CLOCK_JUMPS)) {
            return 0;
        }
        int nanos = least + scheduler.pick(LARGEST_JUMP - least);
        scheduler.note("set the " + which + " of " + name + (nanos < 0 ? " back" : " forward") + " by "
                + Trace.time(Math.abs(nanos)));
        return nanos;
    }
}
