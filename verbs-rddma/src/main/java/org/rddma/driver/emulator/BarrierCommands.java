package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;

/**
 * {@code sync_*}: counting barriers. Who comes, by waiting or by sending, takes one from the count; a count of 0 is
 * first raised by the number the command gives. Whoever waits is answered when the count is 0, or with -5 when the
 * barrier is deleted.
 */
final class BarrierCommands {
    private final Core core;
    private final Reaper reaper;

    BarrierCommands(Core core, Reaper reaper) {
        this.core = core;
        this.reaper = reaper;
    }

    void create(Request request) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        if (location == null) {
            return;
        }
        Descriptor term = request.descriptor();
        long participants = term.offset().orElse(0);
        if (term.name().isEmpty() || participants < 0) {
            request.reply(Results.INVALID);
        } else if (location.barriers.containsKey(term.name())) {
            request.reply(core.results.because(Results.EXISTS));
        } else if (!core.quotas.barriers.take(1)) {
            request.reply(core.results.because(Results.NO_ROOM));
        } else {
            location.barriers.put(term.name(), new Barrier(term.name(), participants));
            request.reply(Request.at(term, participants, 0), Results.OK);
        }
    }

    void arrive(Request request, boolean waits) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        Barrier barrier = location == null ? null : find(request, location);
        if (barrier == null) {
            return;
        }
        long more = request.descriptor().offset().orElse(0);
        if (more < 0) {
            request.reply(Results.INVALID);
            return;
        }
        long before = barrier.count == 0 ? more : barrier.count;
        boolean parked = waits && before > 1;
        if (parked && !core.waiters.mayWait(request)) {
            request.reply(Results.TRY_AGAIN);
            return;
        }
        barrier.count = Math.max(0, before - 1);
        if (parked) {
            core.waiters.wait(request, barrier);
            return;
        }
        barrier.reply(request, Results.OK);
        if (barrier.count == 0) {
            core.waiters.release(barrier, Results.OK);
        }
    }

    void find(Request request) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        Barrier barrier = location == null ? null : find(request, location);
        if (barrier != null) {
            barrier.reply(request, Results.OK);
        }
    }

    void delete(Request request) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        if (location == null) {
            return;
        }
        Barrier barrier = location.barriers.get(request.descriptor().name());
        if (barrier != null) {
            reaper.delete(location, barrier);
        }
        request.replyName(Results.OK);
    }

    private static Barrier find(Request request, Location location) {
        Barrier barrier = location.barriers.get(request.descriptor().name());
        if (barrier == null) {
            request.reply(Results.FAILED);
        }
        return barrier;
    }
}
