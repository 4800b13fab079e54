package org.rddma.softdev;

import org.rddma.softdev.engine.ExecutionSchedule;
import org.rddma.softdev.engine.QueuePairEngine;

/** A queue pair whose entries are executed when the schedule says so. */
final class ScheduledQueuePair implements ExecutionSchedule {
    private final Scheduler scheduler;
    private final String name;

    /** Its place among all queue pairs of the fabric, in the order in which they were made. */
    final int serial;

    /** Guarded by the scheduler's lock. */
    QueuePairEngine engine;

    long readySince;

    ScheduledQueuePair(Scheduler scheduler, SoftDevice device, int number) {
        this.scheduler = scheduler;
        serial = scheduler.nextSerial();
        name = "queue pair " + device.name() + ":" + number;
    }

    @Override
    public void wake(QueuePairEngine queuePair) {
        scheduler.wake(this, queuePair);
    }

    @Override
    public String toString() {
        return name;
    }
}
