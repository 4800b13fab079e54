package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;
import org.rddma.driver.Triple;

/**
 * {@code bind_*}, and the commands that nodes use among themselves for the halves of a bind.
 *
 * <p>A bind is made whole, on the node of its transfer, in one step: nothing is left of one that fails, except that the
 * strict driver has counted its extent. Here the nodes need not tell each other page by page, so the commands for that
 * find what a bind has brought about, delete nothing and make nothing.
 */
final class BindCommands {
    private final Core core;
    private final Results results;
    private final Reaper reaper;

    BindCommands(Core core, Reaper reaper) {
        this.core = core;
        this.results = core.results;
        this.reaper = reaper;
    }

    void create(Request request) {
        Transfer transfer = transfer(request);
        if (transfer == null) {
            return;
        }
        Triple triple = request.triple();
        long extent = commonExtent(triple);
        if (extent <= 0) {
            request.reply(Results.INVALID);
            return;
        }
        long given = triple.transfer().offset().orElse(0);
        Transfer.Key key = new Transfer.Key(given == 0 ? transfer.extent : given, extent);
        if (results.strict()) {
            transfer.extent += extent;
        }
        int result = create(request, transfer, key, triple);
        if (result == Results.OK) {
            request.reply(text(request, transfer.binds.get(key)), Results.OK);
        } else {
            request.reply(result);
        }
    }

    /** 0; or why not, and then nothing has changed. */
    private int create(Request request, Transfer transfer, Transfer.Key key, Triple triple) {
        if (transfer.binds.containsKey(key)) {
            return results.because(Results.EXISTS);
        }
        BindEnd to = new BindEnd(core, request, triple.destination(), key.extent());
        BindEnd from = new BindEnd(core, request, triple.source(), key.extent());
        if (to.result != Results.OK || from.result != Results.OK) {
            return to.result != Results.OK ? to.result : from.result;
        }
        boolean sameEvent = to.node == from.node && to.eventName.equals(from.eventName);
        int newEvents = (to.isNew() ? 1 : 0) + (from.isNew() && !sameEvent ? 1 : 0);
        if (!core.quotas.binds.take(1)) {
            return results.because(Results.NO_ROOM);
        }
        if (!core.quotas.events.take(newEvents)) {
            core.quotas.binds.giveBack(1);
            return results.because(Results.NO_ROOM);
        }
        Bind bind = new Bind(transfer, key, to.end(), from.end());
        transfer.binds.put(key, bind);
        bind.destination.event.attach(bind.destination);
        bind.source.event.attach(bind.source);
        if (!results.strict()) {
            transfer.extent += key.extent();
        }
        return Results.OK;
    }

    /** The extent that all three terms agree on; 0 when none has one, -1 when they differ. */
    private static long commonExtent(Triple triple) {
        long common = 0;
        for (Descriptor term : new Descriptor[] {triple.transfer(), triple.destination(), triple.source()}) {
            long extent = term.extent().orElse(0);
            if (extent != 0 && common != 0 && extent != common) {
                return -1;
            }
            common = extent == 0 ? common : extent;
        }
        return common;
    }

    void find(Request request) {
        Transfer transfer = transfer(request);
        if (transfer == null) {
            return;
        }
        Bind bind = transfer.binds.get(key(request.descriptor()));
        if (bind == null) {
            String name = Request.name(request.descriptor());
            request.reply(Request.echo(request.descriptor()) + "/" + name + "=" + name + "#", Results.FAILED);
        } else {
            request.reply(text(request, bind), Results.OK);
        }
    }

    void delete(Request request) {
        Transfer transfer = transfer(request);
        if (transfer == null) {
            return;
        }
        Descriptor term = request.descriptor();
        long from = term.offset().orElse(0);
        long length = term.extent().orElse(transfer.extent);
        if (term.extent().isPresent() && length == 0) {
            request.reply(Results.INVALID);
            return;
        }
        long to = Long.compareUnsigned(from + length, from) < 0 ? -1 : from + length;
        Countdown countdown = new Countdown(() -> request.reply(Request.at(term, from, length), Results.OK));
        transfer.within(from, to).forEach(bind -> reaper.delete(bind, countdown));
        countdown.over();
    }

    /** A reference that is given back, or lost: nothing happens to a bind that is there. */
    void put(Request request) {
        Transfer transfer = transfer(request);
        if (transfer != null) {
            boolean found = transfer.binds.containsKey(key(request.descriptor()));
            request.reply(found ? Results.OK : Results.FAILED);
        }
    }

    /** Any command on halves. */
    void half(Request request) {
        Transfer transfer = transfer(request);
        if (transfer == null) {
            return;
        }
        switch (request.line().operation()) {
            case DSTS_FIND, DST_FIND, SRCS_FIND, SRC_FIND -> {
                boolean found = transfer.binds.containsKey(key(request.descriptor()));
                request.reply(found ? Results.OK : Results.FAILED);
            }
            case DSTS_DELETE, DST_DELETE, SRCS_DELETE, SRC_DELETE -> request.reply(Results.OK);
            default -> request.reply(Results.INVALID);
        }
    }

    private Transfer transfer(Request request) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        if (location == null) {
            return null;
        }
        Transfer transfer = location.transfers.get(request.descriptor().name());
        if (transfer == null) {
            request.reply(Results.NO_DEVICE);
        }
        return transfer;
    }

    private static Transfer.Key key(Descriptor term) {
        return new Transfer.Key(term.offset().orElse(0), term.extent().orElse(0));
    }

    private static String text(Request request, Bind bind) {
        return Request.at(request.descriptor(), bind.key.offset(), bind.length())
                + "/"
                + Request.at(bind.destination.name, bind.destination.offset, bind.length())
                + "="
                + Request.at(bind.source.name, bind.source.offset, bind.length());
    }
}
