package org.rddma.verbs.spi;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The virtual machine's clock, and the wall clock as a distance from it. */
final class SystemClock implements DeviceClock {
    private final long wallMinusRaw;

    SystemClock() {
        long before = System.nanoTime();
        Instant now = Instant.now();
        long between = before + (System.nanoTime() - before) / 2;
        wallMinusRaw = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - between;
    }

    @Override
    public long rawTicks() {
        return System.nanoTime();
    }

    @Override
    public long wallClockNanos() {
        return System.nanoTime() + wallMinusRaw;
    }
}
