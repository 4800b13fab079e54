package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;

/** What all commands work on: the fabric, the results' dialect, the limits, the starts, and the way to another node. */
final class Core {
    final Results results;
    /** Whether the later driver's additions are known. */
    final boolean vfi;

    final Quotas quotas;
    final Fabric fabric = new Fabric();
    final Starts starts;
    final Tickets tickets = new Tickets();
    final PageAccount pages;
    final Waiters waiters;
    private final Dispatcher dispatcher;

    /** Carries a command out. */
    interface Dispatcher {
        void dispatch(Request request);
    }

    Core(Results results, boolean vfi, Quotas quotas, PageAccount pages, Starts starts, Dispatcher dispatcher) {
        this.results = results;
        this.vfi = vfi;
        this.quotas = quotas;
        this.pages = pages;
        waiters = new Waiters(quotas.waiting);
        this.starts = starts;
        this.dispatcher = dispatcher;
    }

    /**
     * The private location that a term names. When there is none on this node, the command is answered, or sent on to
     * the node that has it.
     *
     * @param unknown the result for a location that this node's tree does not have
     * @return null when there is nothing left to do here
     */
    Location here(Request request, Descriptor term, int unknown) {
        Location location = request.node.location(term.location());
        if (location == null) {
            request.reply(unknown);
            return null;
        }
        if (location.isPublic) {
            sendTo(location, request, results.because(Results.IO_ERROR));
            return null;
        }
        return location;
    }

    /**
     * Lets the node behind a public location carry a command out.
     *
     * @param unreachable the result when nobody answers
     */
    void sendTo(Location location, Request request, int unreachable) {
        Node owner = request.tooFar() ? null : fabric.owner(location);
        if (owner == null) {
            request.reply(unreachable);
        } else {
            dispatcher.dispatch(request.on(owner));
        }
    }
}
