package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;

/**
 * {@code location_*}. Of a location the offset is the number that addresses its node, the extent our own number.
 *
 * <p>A root is made private, then its node is the name server; or it is found: its node answers a broadcast, and a
 * public shadow of it is entered here. A name under a public location is asked of the node behind that, and a public
 * shadow is entered as well, except for the very first: a parent that does not know our own number takes the first name
 * that is found for ourselves, so that this one is private.
 *
 * <p>Deleting a location deletes everything under it. A root stays, with result 0.
 */
final class LocationCommands {
    private final Core core;
    private final Results results;
    private final Reaper reaper;

    LocationCommands(Core core, Reaper reaper) {
        this.core = core;
        this.results = core.results;
        this.reaper = reaper;
    }

    void create(Request request) {
        Descriptor term = request.descriptor();
        if (term.location() == null) {
            createRoot(request, term);
            return;
        }
        Location parent = request.node.location(term.location());
        if (parent == null || term.name().isEmpty()) {
            reply(request, Results.INVALID);
        } else if (parent.isPublic) {
            sendTo(parent, request);
        } else if (parent.children.containsKey(term.name())) {
            reply(request, results.because(Results.EXISTS));
        } else {
            Ops ops = Ops.of(request, term);
            String fabric = request.option(term, "fabric");
            enter(
                    request,
                    new Location(
                            term.name(),
                            parent,
                            fabric == null ? parent.fabric : fabric,
                            term.offset().orElse(parent.id),
                            term.extent().orElse(parent.ownId),
                            ops == Ops.NONE ? parent.isPublic : ops == Ops.PUBLIC));
        }
    }

    private void createRoot(Request request, Descriptor term) {
        Ops ops = Ops.of(request, term);
        if (ops == Ops.NONE || term.name().isEmpty()) {
            reply(request, Results.INVALID);
        } else if (ops == Ops.PUBLIC) {
            // the driver of 2008 says 0 and enters nothing
            reply(request, results.strict() ? Results.OK : Results.INVALID);
        } else if (request.node.location(term.name()) != null) {
            reply(request, results.because(Results.EXISTS));
        } else {
            String fabric = request.option(term, "fabric");
            long id = term.offset().orElse(0);
            long ownId = term.extent().orElse(0);
            if (!core.fabric.free(fabric, id, request.node) || !core.fabric.free(fabric, ownId, request.node)) {
                reply(request, results.because(Results.EXISTS));
            } else if (enter(request, new Location(term.name(), null, fabric, id, ownId, false))) {
                core.fabric.claim(fabric, id, request.node);
                core.fabric.claim(fabric, ownId, request.node);
            }
        }
    }

    void find(Request request) {
        Descriptor term = request.descriptor();
        Location parent = request.node.location(term.location());
        if (term.location() != null && parent == null) {
            reply(request, Results.INVALID);
            return;
        }
        Location known =
                term.location() == null ? request.node.location(term.name()) : parent.children.get(term.name());
        if (known != null) {
            reply(request, known);
        } else if (parent == null) {
            findRoot(request, term);
        } else if (parent.isPublic) {
            findAbroad(request, term, parent);
        } else {
            reply(request, Results.FAILED);
        }
    }

    private void findRoot(Request request, Descriptor term) {
        String fabric = request.option(term, "fabric");
        if (Ops.of(request, term) != Ops.PUBLIC || fabric == null) {
            reply(request, Results.FAILED);
            return;
        }
        Location remote = core.fabric.root(term.name(), fabric, request.node);
        if (remote == null) {
            reply(request, Results.FAILED);
        } else {
            enter(request, new Location(term.name(), null, fabric, remote.id, 0, true));
        }
    }

    private void findAbroad(Request request, Descriptor term, Location parent) {
        Node server = core.fabric.owner(parent);
        if (server == null) {
            reply(request, results.because(Results.IO_ERROR));
            return;
        }
        Location remote = server.location(term.name() + "." + term.location());
        if (remote == null) {
            reply(request, Results.FAILED);
            return;
        }
        boolean ourselves = parent.ownId == 0;
        if (ourselves && !core.fabric.free(parent.fabric, remote.id, request.node)) {
            reply(request, results.because(Results.EXISTS));
            return;
        }
        long ownId = ourselves ? remote.id : parent.ownId;
        Location shadow = new Location(term.name(), parent, parent.fabric, remote.id, ownId, !ourselves);
        if (enter(request, shadow) && ourselves) {
            parent.ownId = ownId;
            core.fabric.claim(parent.fabric, ownId, request.node);
        }
    }

    void put(Request request) {
        Descriptor term = request.descriptor();
        Location parent = request.node.location(term.location());
        if (parent == null) {
            request.replyName(Results.INVALID);
        } else {
            request.replyName(parent.children.containsKey(term.name()) ? Results.OK : Results.FAILED);
        }
    }

    void delete(Request request) {
        Descriptor term = request.descriptor();
        if (term.location() == null) {
            request.replyName(Results.OK);
            return;
        }
        Location parent = request.node.location(term.location());
        if (parent == null) {
            request.replyName(Results.INVALID);
            return;
        }
        Location location = parent.children.get(term.name());
        Node server = parent.isPublic && !request.tooFar() ? core.fabric.owner(parent) : null;
        Countdown countdown = new Countdown(() -> {
            if (!parent.isPublic) {
                request.replyName(Results.OK);
            } else if (server == null) {
                request.replyName(results.because(Results.IO_ERROR));
            } else {
                delete(request.on(server));
            }
        });
        if (location != null) {
            reaper.delete(request.node, location, countdown);
        }
        countdown.over();
    }

    private boolean enter(Request request, Location location) {
        if (!core.quotas.locations.take(1)) {
            reply(request, results.because(Results.NO_ROOM));
            return false;
        }
        request.node.add(location);
        reply(request, location);
        return true;
    }

    private void sendTo(Location parent, Request request) {
        Node owner = request.tooFar() ? null : core.fabric.owner(parent);
        if (owner == null) {
            reply(request, results.because(Results.IO_ERROR));
        } else {
            create(request.on(owner));
        }
    }

    private static void reply(Request request, Location location) {
        request.reply(Request.at(location.name, location.id, location.ownId), Results.OK);
    }

    private static void reply(Request request, int result) {
        Descriptor term = request.descriptor();
        request.reply(
                Request.at(term.name(), term.offset().orElse(0), term.extent().orElse(0)), result);
    }
}
