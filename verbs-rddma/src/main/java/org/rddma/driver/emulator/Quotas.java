package org.rddma.driver.emulator;

/** How much of everything there may be in the whole driver. */
final class Quotas {
    /** What a command of ordinary length takes while it waits. */
    private static final long WAITING_BYTES = 512;

    final Quota locations;
    final Quota buffers;
    final Quota bytes;
    final Quota tickets;
    final Quota transfers;
    final Quota binds;
    final Quota events;
    final Quota barriers;
    /** Bytes of the commands that wait at barriers. */
    final Quota waiting;

    Quotas(EmulatorLimits limits) {
        locations = new Quota(limits.locations());
        buffers = new Quota(limits.buffers());
        bytes = new Quota(limits.bytes());
        // a provider needs two of each buffer at most; more than one of each process is rare
        tickets = new Quota(4L * limits.buffers());
        transfers = new Quota(limits.transfers());
        binds = new Quota(limits.binds());
        events = new Quota(limits.events());
        barriers = new Quota(limits.events());
        waiting = new Quota(WAITING_BYTES * limits.outstanding());
    }
}
