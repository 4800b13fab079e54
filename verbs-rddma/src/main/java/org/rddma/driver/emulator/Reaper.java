package org.rddma.driver.emulator;

import java.util.List;

/**
 * Deletes. A name is gone at once; what it named goes when no copy runs on it any more, and only then is the command
 * answered. What is parked on a deleted bind or barrier is answered with -5.
 */
final class Reaper {
    private final Quotas quotas;
    private final Starts starts;
    private final Tickets tickets;
    private final PageAccount pages;
    private final Waiters barriers;

    Reaper(Core core) {
        quotas = core.quotas;
        starts = core.starts;
        tickets = core.tickets;
        pages = core.pages;
        barriers = core.waiters;
    }

    void delete(Location location, SharedBuffer buffer, Countdown countdown) {
        location.buffers.remove(buffer.name);
        buffer.deleted = true;
        buffer.tickets.keySet().forEach(key -> quotas.tickets.giveBack(1));
        buffer.tickets.values().forEach(tickets::drop);
        buffer.tickets.clear();
        countdown.await();
        buffer.whenIdle(() -> {
            buffer.memory.close();
            quotas.buffers.giveBack(1);
            pages.deleted();
            countdown.over();
        });
    }

    void delete(Bind bind, Countdown countdown) {
        bind.transfer.binds.remove(bind.key);
        quotas.binds.giveBack(1);
        starts.release(bind);
        if (bind.running) {
            countdown.await();
            bind.whenIdle = countdown::over;
        }
    }

    void delete(Location location, Transfer transfer, Countdown countdown) {
        location.transfers.remove(transfer.name);
        quotas.transfers.giveBack(1);
        List.copyOf(transfer.binds.values()).forEach(bind -> delete(bind, countdown));
    }

    void delete(Location location, Barrier barrier) {
        location.barriers.remove(barrier.name);
        quotas.barriers.giveBack(1);
        barriers.release(barrier, Results.IO_ERROR);
    }

    /** Deletes a location and everything in and under it. */
    void delete(Node node, Location location, Countdown countdown) {
        List.copyOf(location.children.values()).forEach(child -> delete(node, child, countdown));
        List.copyOf(location.transfers.values()).forEach(transfer -> delete(location, transfer, countdown));
        List.copyOf(location.buffers.values()).forEach(buffer -> delete(location, buffer, countdown));
        List.copyOf(location.barriers.values()).forEach(barrier -> delete(location, barrier));
        node.remove(location);
        quotas.locations.giveBack(1);
    }
}
