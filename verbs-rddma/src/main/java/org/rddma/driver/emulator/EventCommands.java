package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;

/**
 * {@code event_*}. The location only says which node; all its events are one name space. A chain that would come back
 * to its start is refused (-22), because it would never end: nothing can take a link away. So is one of more than 65536
 * events behind the new link.
 */
final class EventCommands {
    private static final int LONGEST_CHAIN = 1 << 16;

    private final Core core;

    EventCommands(Core core) {
        this.core = core;
    }

    void start(Request request) {
        if (here(request, Results.INVALID)) {
            Event event = request.node.event(request.descriptor().name());
            if (event == null) {
                request.replyName(Results.INVALID);
            } else {
                core.starts.start(event, request::replyName);
            }
        }
    }

    void chain(Request request) {
        Location location = request.node.location(request.descriptor().location());
        if (core.results.strict() && location != null && location.isPublic) {
            // the driver of 2008 has no such command between nodes, and says so to nobody
            request.replyName(Results.OK);
            return;
        }
        if (here(request, Results.INVALID)) {
            Descriptor term = request.descriptor();
            Event event = request.node.event(term.name());
            String name = request.option(term, "event_name");
            Event next = name == null ? null : request.node.event(name);
            if (event == null || next == null || reaches(next, event)) {
                request.replyName(Results.INVALID);
            } else {
                event.next = next;
                request.replyName(Results.OK);
            }
        }
    }

    void find(Request request) {
        if (here(request, Results.INVALID)) {
            boolean found = request.node.event(request.descriptor().name()) != null;
            request.replyName(found ? Results.OK : Results.FAILED);
        }
    }

    /** Whether a chain comes to an event; also true when it is too long to be followed to its end. */
    private static boolean reaches(Event from, Event to) {
        Event event = from;
        for (int links = 0; event != null && links < LONGEST_CHAIN; links++) {
            if (event == to) {
                return true;
            }
            event = event.next;
        }
        return event != null;
    }

    /** Whether the command is for this node; if not it has been answered or sent on. */
    private boolean here(Request request, int unreachable) {
        Descriptor term = request.descriptor();
        if (term.location() == null && Ops.of(request, term) == Ops.PRIVATE) {
            return true;
        }
        Location location = request.node.location(term.location());
        if (location == null) {
            // the driver of 2008 does nothing and says that it has
            boolean lie = core.results.strict() && Ops.of(request, term) != Ops.PUBLIC;
            request.replyName(lie ? Results.OK : Results.INVALID);
            return false;
        }
        if (location.isPublic) {
            core.sendTo(location, request, unreachable);
            return false;
        }
        return true;
    }
}
